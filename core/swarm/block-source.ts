import { Bitfield } from '../base/bitfield.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { RateMeter } from '../base/rate.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { PickerPeer } from '../strategy/pieces/begun-piece.ts';

/** A block on its way to us. */
export interface Outstanding {
  readonly piece: PieceIndex;
  readonly block: number;
  readonly sentAt: Millis;
}

/**
 * Something that can be asked for blocks: a peer, or a server that has the torrent's files (BEP 19). The download side asks it,
 * keeps track here of what is on its way and how fast it comes, and gets its answers through `target`, `arrived`, `rejected` and
 * `chunkDone`.
 */
export abstract class BlockSource implements PickerPeer {
  /** What it has. */
  readonly pieces: Bitfield;
  /** Rate from it to us, only of payload that was asked for. */
  readonly down: RateMeter;
  /** Our requests that it has not answered, by `blockKey`. */
  readonly requests = new Map<number, Outstanding>();
  /** Requests of ours that were taken back, by `blockKey`: the blocks may be on their way all the same. */
  readonly takenBack = new Set<number>();
  /** Pieces that we may ask for while it chokes us (BEP 6). */
  readonly allowedFast = new Set<PieceIndex>();
  /** It takes no requests, except for `allowedFast` pieces. */
  peerChoking = true;
  /** It has something that we want, and was told so. */
  amInterested = false;
  /** It has not answered for long, so it is asked for one block at a time. */
  snubbed = false;
  lastBlockAt: Millis;
  /** When a block was last exchanged, in either direction. */
  tradedAt: Millis | undefined;
  /** Smoothed time from a request, sent while none was out, to its block. */
  latency: Millis | undefined;
  /** The shortest time from a request to its block: nearer to what the way takes by itself. */
  quickest: Millis | undefined;
  /** The request window is still doubling (`strategy/request-window.ts`). */
  slowStart = true;
  /** How many blocks may be asked for ahead. */
  window = 4;
  /** Bytes a second from it to us, as of the last chunk: the picker keeps slow sources off pieces that fast ones began. */
  rate = 0;
  /** The block whose payload is arriving. `scratch`: another source may bring it too, so it does not go straight into the piece. */
  receiving:
    { readonly piece: PieceIndex; readonly block: number; readonly scratch: Uint8Array | undefined } | undefined;
  /** Bytes of the current chunk, which are counted once for each chunk rather than each block. */
  pendingDown = 0;
  /** Those of them that were asked for. */
  pendingUseful = 0;
  /** How many blocks we ever asked it for, and how many it ever sent. */
  asked = 0;
  brought = 0;

  constructor(geometry: Geometry, now: Millis) {
    this.pieces = new Bitfield(geometry.pieceCount);
    this.down = new RateMeter(now);
    this.lastBlockAt = now;
  }

  /** What it is blamed and banned by: an address, or where a server's files are. */
  abstract readonly host: string;
  /** Where its blocks come from, for people. */
  abstract readonly name: string;
  /** It is a sibling, which has the blocks from peers of its own. */
  readonly several: boolean = false;

  /** Whom to blame for a block that it brought; undefined: nobody knows. */
  hostOf(_block: number): string | undefined {
    return this.host;
  }

  /** Those whose blocks it brought, for people. */
  get names(): readonly string[] {
    return [this.name];
  }

  /** Bytes a second from it to us. */
  rateAt(now: Millis): number {
    return this.down.rate(now);
  }

  /** How many requests it takes at a time. */
  abstract readonly requestQueue: number;

  /** Of several connections to one server one alone counts among those who have its pieces. */
  get counted(): boolean {
    return true;
  }

  /** It is a server, to be asked for pieces that follow one another (`strategy/pieces/runs.ts`). */
  get runs(): 'first' | 'longest' | undefined {
    return undefined;
  }

  /** Whether it may be asked for blocks that others were asked for, at the end. */
  get mayCopy(): boolean {
    return true;
  }

  /** Whether it has all pieces. */
  get isSeed(): boolean {
    return this.pieces.isFull;
  }

  /** Asks for a block. Requests and cancels may wait for `flush`. */
  abstract ask(piece: PieceIndex, begin: number, length: number): void;
  abstract cancel(piece: PieceIndex, begin: number, length: number): void;
  abstract flush(): void;
  /** Tells it that `amInterested` has changed. */
  abstract tellInterest(): void;
  /** Skips the rest of the block that is arriving, as its memory may no longer be written to. */
  abstract dropTarget(): void;
  /** Stops it until `resumeReading`, as the limit is used up or the disk is behind. */
  abstract pauseReading(): void;
  abstract resumeReading(): void;
  /** It was asked, and sent nothing for so long that others are asked instead. */
  gaveUp(): void {}
  /** It sent wrong data: takes nothing more from it. */
  abstract ban(): void;
}

/** A number that identifies a block, as a key of maps. */
export function blockKey(piece: PieceIndex, block: number): number {
  return piece * 65536 + block;
}
