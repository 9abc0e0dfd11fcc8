import { type Millis, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import { haveDelay } from '../strategy/peers/have-delay.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { DontHave } from './dont-have.ts';
import type { PeerLink } from './peer-link.ts';
import type { SwarmPeer } from './peer.ts';
import type { ShownPieces } from './shown-pieces.ts';
import type { SwarmState } from './state.ts';
import type { UploadSide } from './upload-side.ts';

/** What peers are told that we have: at first, when all may be known (BEP 16), and when it is gone (BEP 54). */
export class ToldPieces {
  readonly dontHave: DontHave;
  readonly #state: SwarmState;
  readonly #uploads: UploadSide;
  readonly #shown: ShownPieces;

  /** `lost`: a peer took a piece back. */
  constructor(
    state: SwarmState,
    uploads: UploadSide,
    shown: ShownPieces,
    lost: (peer: SwarmPeer, piece: PieceIndex) => void,
  ) {
    this.#state = state;
    this.#uploads = uploads;
    this.#shown = shown;
    this.dontHave = new DontHave(state.info.pieceCount, (link, piece) => {
      const peer = this.#peerOf(link);
      if (peer !== undefined) lost(peer, piece);
    });
  }

  /** A new peer's first message: what we upload (A5, B7). */
  first(peer: SwarmPeer): void {
    const { share, info } = this.#state;
    const { session } = peer;
    const bits = peer.pieces.clone();
    bits.clear();
    if (!this.#shown.join(peer) && share.count(PieceShare.present) > 0) {
      for (let i = 0; i < info.pieceCount; i++) if (this.#uploads.serves(pieceIndex(i))) bits.add(i);
    }
    if (session.fast && bits.isFull) session.batch.haveAll();
    else if (session.fast && bits.isEmpty) session.batch.haveNone();
    else if (!bits.isEmpty) session.sendBitfield(bits.bytes);
  }

  /** We have one more piece, and every peer hears of it, also those that have it, as they count who has what. */
  tell(piece: PieceIndex): void {
    const { peers, tuning, store, self, seeding, ports } = this.#state;
    if (!tuning.share && !seeding && store.ownerOf(piece) !== self.identity) return;
    const now = ports.clock.now();
    for (const peer of peers) tellOne(peer, piece, now);
  }

  /** To be called once a second: shows single pieces, or ends that and tells of all; and sends what has waited for long enough. */
  tick(now: Millis): void {
    for (const peer of this.#state.peers) {
      if (peer.tellAt > now) continue;
      peer.tellAt = Infinity as Millis;
      peer.session.flush();
    }
    this.#shown.tick((peer) => {
      for (let i = 0; i < this.#state.info.pieceCount; i++) {
        if (!peer.pieces.has(i) && this.#uploads.serves(pieceIndex(i))) peer.session.batch.have(pieceIndex(i));
      }
    });
  }

  /** The piece turned out to be wrong, and is not ours any more in a moment. */
  takeBack(piece: PieceIndex): void {
    if (!this.#uploads.serves(piece)) return;
    this.#uploads.lost(piece);
    this.dontHave.tell(piece, (link) => {
      const peer = this.#peerOf(link);
      return peer !== undefined && this.#shown.shows(peer, piece);
    });
  }

  #peerOf(link: PeerLink): SwarmPeer | undefined {
    for (const peer of this.#state.peers) if (peer.link === link) return peer;
    return undefined;
  }
}

/** Most bytes of messages that wait for company. */
const MOST_WAITING = 1000;

function tellOne(peer: SwarmPeer, piece: PieceIndex, now: Millis): void {
  const { batch } = peer.session;
  const delay = haveDelay({
    has: peer.pieces.has(piece),
    interested: peer.peerInterested,
    trades: (peer.amInterested && !peer.peerChoking) || (peer.peerInterested && !peer.amChoking),
    since: (now - peer.toldAt) as Millis,
  });
  if (delay === 0 || batch.size > MOST_WAITING) {
    peer.toldAt = now;
    batch.have(piece);
    return;
  }
  // What waited before has left with other messages.
  if (batch.size === 0) peer.tellAt = Infinity as Millis;
  peer.tellAt = Math.min(peer.tellAt, now + delay) as Millis;
  batch.haveLater(piece);
}
