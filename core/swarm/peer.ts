import { Bitfield } from '../base/bitfield.ts';
import type { Endpoint } from '../base/endpoint.ts';
import type { Millis, PieceIndex } from '../base/ids.ts';
import { RateMeter } from '../base/rate.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { PeerSession } from '../peer/session.ts';
import { UploadQueue } from '../peer/upload-queue.ts';
import type { ExtensionHandshake } from '../wire/extension-handshake.ts';

/** Requests that a peer takes at once where it does not say (what the common clients keep without `reqq`). */
const DEFAULT_REQUEST_QUEUE = 250;

/** Requests of one peer that we keep (told as `reqq`). */
export const REQUEST_QUEUE = 2000;

/** A block on its way to us. */
export interface Outstanding {
  readonly piece: PieceIndex;
  readonly block: number;
  readonly sentAt: Millis;
}

/** One connected peer of one swarm: what it said, what we said, what is on its way. Only the parts in this folder change it. */
export class SwarmPeer {
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
  extensions: ExtensionHandshake | undefined;
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
  /** When a block last passed, either way. */
  tradedAt: Millis | undefined;
  /** It was unchoked for a while, and took nothing. */
  declines = false;
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
  /** Pieces of the metadata that it had from us (BEP 9). */
  metadataServed = 0;
  /** The endpoint under which it was reported. */
  reported: Endpoint;

  constructor(session: PeerSession, geometry: Geometry, now: Millis) {
    this.session = session;
    this.pieces = new Bitfield(geometry.pieceCount);
    this.uploads = new UploadQueue(geometry, REQUEST_QUEUE);
    this.connectedAt = now;
    this.lastBlockAt = now;
    this.reported = session.remote;
    this.down = new RateMeter(now);
    this.up = new RateMeter(now);
  }

  /** Where it listens as far as that is known: dialled, or told in the extension handshake. */
  get endpoint(): Endpoint {
    const { remote, incoming } = this.session;
    const port = this.extensions?.port;
    return incoming && port !== undefined ? { host: remote.host, port } : remote;
  }

  get host(): string {
    return this.session.remote.host;
  }

  get requestQueue(): number {
    return this.extensions?.requestQueue ?? DEFAULT_REQUEST_QUEUE;
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
