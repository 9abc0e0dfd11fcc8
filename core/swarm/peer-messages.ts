import { Bitfield } from '../base/bitfield.ts';
import type { HashRange } from '../base/hash-range.ts';
import { EnsembleError } from '../base/errors.ts';
import { piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import type { SessionEnd } from '../peer/end-reason.ts';
import { grantFast } from './allowed-fast.ts';
import type { BlockSources } from './block-sources.ts';
import type { Choking } from './choking.ts';
import type { DownloadSide } from './download-side.ts';
import { LinkHandler, type LinkListener } from './link-handler.ts';
import type { PeerHashes } from './peer-hashes.ts';
import type { SwarmPeer } from './peer.ts';
import type { ShownPieces } from './shown-pieces.ts';
import type { SwarmState } from './state.ts';
import type { UploadSide } from './upload-side.ts';

/** Bitfields of one peer that say nothing new. */
const MOST_REPEATS = 8;

/** The parts of a swarm that get messages. */
export interface SwarmParts {
  readonly sources: BlockSources;
  readonly downloads: DownloadSide;
  readonly uploads: UploadSide;
  readonly choking: Choking;
  readonly hashes: PeerHashes;
  readonly shown: ShownPieces;
  /** It said that it has something more, or wants nothing. */
  hasMore(peer: SwarmPeer): void;
  /** The connection is over. */
  left(peer: SwarmPeer): void;
}

/** Checks each message of one peer against the torrent and hands it to the download or the upload side (B17). */
export class PeerMessages extends LinkHandler {
  readonly #state: SwarmState;
  readonly #peer: SwarmPeer;
  readonly #parts: SwarmParts;
  #repeats = 0;

  constructor(state: SwarmState, peer: SwarmPeer, parts: SwarmParts, core: LinkListener) {
    super(peer.link, core);
    this.#state = state;
    this.#peer = peer;
    this.#parts = parts;
  }

  override get isSeed(): boolean {
    return this.#peer.isSeed || super.isSeed;
  }

  override choke(): void {
    const peer = this.#peer;
    if (peer.peerChoking) return;
    peer.peerChoking = true;
    // With the Fast extension a choke is followed by a reject for each request; without it requests are just dropped (BEP 6, BEP
    // 3).
    if (!peer.session.fast) this.#parts.downloads.abandon(peer);
  }

  override unchoke(): void {
    const peer = this.#peer;
    if (!peer.peerChoking) return;
    peer.peerChoking = false;
    this.#parts.downloads.refill(peer);
  }

  override interested(): void {
    if (this.#peer.peerInterested) return;
    this.#peer.peerInterested = true;
    this.#parts.choking.changed();
  }

  override notInterested(): void {
    if (!this.#peer.peerInterested) return;
    this.#peer.peerInterested = false;
    this.#parts.uploads.clear(this.#peer);
    this.#parts.choking.changed();
  }

  override have(piece: PieceIndex): void {
    const { info } = this.#state;
    if (piece >= info.pieceCount) throw protocol(`have of piece ${piece} of ${info.pieceCount}`);
    this.#peer.fresh = false;
    const isNew = !this.#peer.pieces.has(piece);
    this.#parts.sources.have(this.#peer, piece);
    if (isNew) this.#parts.shown.more();
    this.#parts.hasMore(this.#peer);
  }

  override bitfield(data: Uint8Array): void {
    const { info } = this.#state;
    const pieces = Bitfield.fromWire(info.pieceCount, data);
    if (pieces === undefined) {
      throw protocol(`a bitfield of ${data.length} bytes, or with spare bits set, for ${info.pieceCount} pieces`);
    }
    if (this.#peer.fresh) this.#has(pieces);
    else this.#hasAlso(pieces);
  }

  override haveAll(): void {
    const { fresh, pieces } = this.#peer;
    if (fresh) this.#has(Bitfield.full(pieces.length));
    else this.#hasAlso(pieces.isFull ? pieces : Bitfield.full(pieces.length));
  }

  override haveNone(): void {
    if (!this.#peer.fresh) throw protocol('have-none after other messages');
    this.#has(new Bitfield(this.#state.info.pieceCount));
  }

  override request(piece: PieceIndex, begin: number, length: number): void {
    this.#parts.uploads.requested(this.#peer, piece, begin, length);
  }

  override cancel(piece: PieceIndex, begin: number, length: number): void {
    this.#parts.uploads.cancelled(this.#peer, piece, begin, length);
  }

  override blockTarget(piece: PieceIndex, begin: number, length: number): Uint8Array | undefined {
    return this.#parts.downloads.target(this.#peer, piece, begin, length);
  }

  override block(piece: PieceIndex, begin: number, length: number, kept: boolean): void {
    this.#parts.downloads.arrived(this.#peer, piece, begin, length, kept);
  }

  override reject(piece: PieceIndex, begin: number): void {
    this.#parts.downloads.denied(this.#peer, piece, begin);
  }

  override allowedFast(piece: PieceIndex): void {
    const { info } = this.#state;
    if (piece >= info.pieceCount || this.#peer.allowedFast.size >= 64) return;
    this.#peer.allowedFast.add(piece);
    this.#parts.downloads.refill(this.#peer);
  }

  override chunkDone(): void {
    this.#parts.downloads.chunkDone(this.#peer);
    super.chunkDone();
  }

  override hashRequest(range: HashRange): void {
    this.#parts.hashes.requested(this.#peer, range);
  }

  override hashes(range: HashRange, hashes: Uint8Array): void {
    this.#parts.hashes.given(this.#peer, range, hashes);
  }

  override hashReject(range: HashRange): void {
    this.#parts.hashes.rejected(this.#peer, range);
  }

  override extended(id: number, payload: Uint8Array): void {
    super.extended(id, payload);
    if (id === 0) this.#parts.hasMore(this.#peer);
  }

  override drained(): void {
    this.#parts.uploads.drained(this.#peer);
    this.#parts.hashes.drained();
  }

  override closed(reason: SessionEnd): void {
    this.#parts.left(this.#peer);
    super.closed(reason);
  }

  /**
   * Only the first message should be a bitfield (BEP 3), but aria2 sends one in place of many haves, and the first one twice. What
   * it takes back does not count.
   */
  #hasAlso(pieces: Bitfield): void {
    const peer = this.#peer;
    const news: PieceIndex[] = [];
    pieces.bytes.forEach((byte, at) => {
      const fresh = byte & ~(peer.pieces.bytes[at] ?? 0);
      for (let bit = 0; bit < 8; bit++) if (fresh & (0x80 >> bit)) news.push(pieceIndex(8 * at + bit));
    });
    if (news.length === 0 && ++this.#repeats > MOST_REPEATS) throw protocol('one bitfield after the other');
    for (const piece of news) this.#parts.sources.have(peer, piece);
    if (news.length === 0) return;
    this.#parts.shown.more();
    this.#parts.hasMore(peer);
  }

  #has(pieces: Bitfield): void {
    const peer = this.#peer;
    peer.fresh = false;
    this.#parts.sources.has(peer, pieces);
    this.#parts.hasMore(peer);
    // Gifts would be pieces that it was not shown.
    if (!this.#parts.shown.on) grantFast(this.#state, peer, (piece) => this.#parts.uploads.serves(piece));
  }
}

function protocol(what: string): EnsembleError {
  return new EnsembleError('protocol', `The peer sent ${what}`);
}
