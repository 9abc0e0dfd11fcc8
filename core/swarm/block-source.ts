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
 * Something that blocks are asked of: a peer, or a server that has the torrent's files (BEP 19). The download side asks it,
 * keeps here what is on its way and how fast that comes, and is told by it through `target`, `arrived`, `rejected` and `chunkDone`.
 */
export abstract class BlockSource implements PickerPeer {
  /** What it has. */
  readonly pieces: Bitfield;
  /** From it to us; payload that was asked for alone. */
  readonly down: RateMeter;
  /** Our requests that it has not answered, by `blockKey`. */
  readonly requests = new Map<number, Outstanding>();
  /** Pieces that we may ask for while it chokes us (BEP 6). */
  readonly allowedFast = new Set<PieceIndex>();
  /** It takes no requests, but for `allowedFast` ones. */
  peerChoking = true;
  /** It has something that we want, and was told so. */
  amInterested = false;
  /** It has not answered for so long that it is asked for one block at a time. */
  snubbed = false;
  lastBlockAt: Millis;
  /** When a block last passed, either way. */
  tradedAt: Millis | undefined;
  /** Smoothed time from a request, sent while none was out, to its block. */
  latency: Millis | undefined;
  /** The request window is still doubling (`strategy/request-window.ts`). */
  slowStart = true;
  /** Blocks that are asked for ahead. */
  window = 4;
  /** From it to us, bytes a second, as of the last chunk: the picker keeps slow ones off what fast ones began. */
  rate = 0;
  /** The block whose payload is arriving. `scratch`: another source may bring it too, so it does not go straight into the piece. */
  receiving:
    { readonly piece: PieceIndex; readonly block: number; readonly scratch: Uint8Array | undefined } | undefined;
  /** Bytes of the chunk at hand: counted once a chunk, not once a block. */
  pendingDown = 0;
  /** Those of them that were asked for. */
  pendingUseful = 0;
  /** Blocks that we ever asked it for, and that it ever sent. */
  asked = 0;
  brought = 0;

  constructor(geometry: Geometry, now: Millis) {
    this.pieces = new Bitfield(geometry.pieceCount);
    this.down = new RateMeter(now);
    this.lastBlockAt = now;
  }

  /** Whom it is blamed and banned by: an address, or where a server's files are. */
  abstract readonly host: string;
  /** Where its blocks come from, as people are told. */
  abstract readonly name: string;
  /** Requests that it takes at once. */
  abstract readonly requestQueue: number;

  /** Whether it has all pieces. */
  get isSeed(): boolean {
    return this.pieces.isFull;
  }

  /** Requests and cancels may wait for `flush`. */
  abstract ask(piece: PieceIndex, begin: number, length: number): void;
  abstract cancel(piece: PieceIndex, begin: number, length: number): void;
  abstract flush(): void;
  /** `amInterested` has changed. */
  abstract tellInterest(): void;
  /** The rest of the block that is arriving is skipped: its memory is no longer ours to write. */
  abstract dropTarget(): void;
  /** It brings nothing more until `resumeReading`: the limit is used up, or the disk is behind. */
  abstract pauseReading(): void;
  abstract resumeReading(): void;
  /** It sent wrong data: nothing more comes from it. */
  abstract ban(): void;
}

/** One number for a block, for maps. */
export function blockKey(piece: PieceIndex, block: number): number {
  return piece * 65536 + block;
}
