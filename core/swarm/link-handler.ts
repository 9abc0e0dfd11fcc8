import { EnsembleError } from '../base/errors.ts';
import type { HashRange } from '../base/hash-range.ts';
import type { PieceIndex } from '../base/ids.ts';
import type { SessionHandler } from '../peer/session.ts';
import type { SessionEnd } from '../peer/end-reason.ts';
import type { PeerLink } from './peer-link.ts';

/** Blocks alone fill a peer's queue to at most 768 KiB. A peer with far more unread answers asks without reading. */
const MOST_QUEUED = 8 * 1024 * 1024;

/** Hears what every swarm has to know of a peer: the core. */
export interface LinkListener {
  extended(link: PeerLink, id: number, payload: Uint8Array): void;
  /** It has a node in the DHT, at this UDP port. */
  port(link: PeerLink, port: number): void;
  left(link: PeerLink): void;
}

/**
 * Handles what every swarm needs of a peer, its extensions and its end, and ignores everything else. A swarm that wants more
 * overrides that.
 */
export class LinkHandler implements SessionHandler {
  readonly link: PeerLink;
  readonly #listener: LinkListener;

  constructor(link: PeerLink, listener: LinkListener) {
    this.link = link;
    this.#listener = listener;
  }

  /** Whether the peer has everything, or says that it wants nothing. */
  get isSeed(): boolean {
    return this.link.handshake?.uploadOnly === true;
  }

  keepAlive(): void {}
  choke(): void {}
  unchoke(): void {}
  interested(): void {}
  notInterested(): void {}
  have(_piece: PieceIndex): void {}
  bitfield(_data: Uint8Array): void {}
  request(_piece: PieceIndex, _begin: number, _length: number): void {}
  cancel(_piece: PieceIndex, _begin: number, _length: number): void {}
  blockTarget(_piece: PieceIndex, _begin: number, _length: number): Uint8Array | undefined {
    return undefined;
  }
  block(_piece: PieceIndex, _begin: number, _length: number, _kept: boolean): void {}
  suggest(_piece: PieceIndex): void {}
  haveAll(): void {}
  haveNone(): void {}
  reject(_piece: PieceIndex, _begin: number, _length: number): void {}
  allowedFast(_piece: PieceIndex): void {}
  hashRequest(_range: HashRange): void {}
  hashes(range: HashRange, _hashes: Uint8Array): void {
    throw unasked(range);
  }
  hashReject(_range: HashRange): void {}

  chunkDone(): void {
    const { queued } = this.link.session;
    if (queued > MOST_QUEUED) throw new EnsembleError('protocol', `The peer leaves ${queued} bytes of answers unread.`);
  }

  drained(): void {}

  extended(id: number, payload: Uint8Array): void {
    this.#listener.extended(this.link, id, payload);
  }

  port(port: number): void {
    this.#listener.port(this.link, port);
  }

  closed(_reason: SessionEnd): void {
    this.#listener.left(this.link);
  }
}

/** A peer sent hashes for which nobody had asked it. */
export function unasked({ root, base, index, length }: HashRange): EnsembleError {
  const what = `${length} hashes from ${index} of layer ${base} of ${root}`;
  return new EnsembleError('protocol', `The peer sent ${what}, for which it was not asked.`);
}
