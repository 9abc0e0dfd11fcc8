import { Bitfield } from '../base/bitfield.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { RateMeter } from '../base/rate.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { PeerSession } from '../peer/session.ts';
import { UploadQueue } from '../peer/upload-queue.ts';
import { REQUEST_QUEUE } from './core.ts';
import type { PeerLink } from './peer-link.ts';

/** Requests that a peer takes at once where it does not say (what the common clients keep without `reqq`). */
const DEFAULT_REQUEST_QUEUE = 250;

/** A block on its way to us. */
export interface Outstanding {
  readonly piece: PieceIndex;
  readonly block: number;
  readonly sentAt: Millis;
}

/** One connected peer of one swarm: what it said, what we said, what is on its way. Only the parts in this folder change it. */
export class SwarmPeer {
  readonly link: PeerLink;
  readonly session: PeerSession;
  /** What it has. */
  readonly pieces: Bitfield;
  readonly connectedAt: Millis;
  /** From it to us, and from us to it; payload alone. */
  readonly down: RateMeter;
  readonly up: RateMeter;
  /** Its requests that we have not answered. */
  readonly uploads: UploadQueue;
  /** Our requests that it has not answered, by `key`. */
  readonly requests = new Map<number, Outstanding>();
  /** Pieces that we may ask for while it chokes us (BEP 6). */
  readonly allowedFast = new Set<PieceIndex>();
  /** Pieces that it may ask for while we choke it (BEP 6). */
  readonly grantedFast = new Set<PieceIndex>();
  /** Whether its bitfield, have-all or have-none may still come: only as the first message (BEP 3). */
  fresh = true;

  amChoking = true;
  amInterested = false;
  peerChoking = true;
  peerInterested = false;
  optimistic = false;
  snubbed = false;

  unchokedAt: Millis | undefined;
  lastBlockAt: Millis;
  /** Smoothed time from a request, sent while none was out, to its block. */
  latency: Millis | undefined;
  /** The request window is still doubling (`strategy/request-window.ts`). */
  slowStart = true;
  window = 4;
  /** From it to us, bytes a second, as of the last chunk: the picker keeps slow peers off what fast ones began. */
  rate = 0;
  /** The block whose payload is arriving. `scratch`: another peer may bring it too, so it does not go straight into the piece. */
  receiving:
    { readonly piece: PieceIndex; readonly block: number; readonly scratch: Uint8Array | undefined } | undefined;
  /** Bytes of the chunk at hand: counted once a chunk, not once a block. */
  pendingDown = 0;
  /** Those of them that were asked for. */
  pendingUseful = 0;
  /** Blocks that we ever asked it for, and that it ever sent. */
  asked = 0;
  brought = 0;
  /** Bytes that it may still have while it is choked (BEP 6). */
  fastBudget = 0;

  constructor(link: PeerLink, geometry: Geometry, now: Millis) {
    this.link = link;
    this.session = link.session;
    this.pieces = new Bitfield(geometry.pieceCount);
    this.uploads = new UploadQueue(geometry, REQUEST_QUEUE);
    this.connectedAt = now;
    this.lastBlockAt = now;
    this.down = new RateMeter(now);
    this.up = new RateMeter(now);
  }

  get host(): string {
    return this.link.host;
  }

  get requestQueue(): number {
    return this.link.handshake?.requestQueue ?? DEFAULT_REQUEST_QUEUE;
  }

  /** Whether it has all pieces. */
  get isSeed(): boolean {
    return this.pieces.isFull;
  }
}

/** One number for a block, for maps. */
export function blockKey(piece: PieceIndex, block: number): number {
  return piece * 65536 + block;
}
