import type { Millis, PieceIndex } from '../base/ids.ts';
import { SuperSeeding } from '../strategy/upload/super-seeding.ts';
import type { SwarmPeer } from './peer.ts';
import type { SwarmState } from './state.ts';

/** Applies super-seeding (BEP 16) while it is wanted, everything is there, and no peer has everything yet. */
export class ShownPieces {
  readonly #state: SwarmState;
  readonly #complete: () => boolean;
  #seeding: SuperSeeding<SwarmPeer> | undefined;
  /** A whole copy is out: from here on it is an ordinary seed. */
  #over = false;

  constructor(state: SwarmState, complete: () => boolean) {
    this.#state = state;
    this.#complete = complete;
  }

  /** Whether peers are told of single pieces alone. */
  get on(): boolean {
    return this.#seeding !== undefined;
  }

  /** Whether a peer may ask for a piece that we have. */
  shows(peer: SwarmPeer, piece: PieceIndex): boolean {
    return this.#seeding === undefined || this.#seeding.shows(peer, piece);
  }

  /** Whether the peer, which has just joined, is told of single pieces; otherwise it is to be told of all. */
  join(peer: SwarmPeer): boolean {
    this.#start();
    this.#seeding?.join(peer);
    return this.on;
  }

  leave(peer: SwarmPeer): void {
    this.#seeding?.leave(peer);
  }

  /** Peers have more pieces: whoever was shown one of them before may be shown the next one. */
  more(): void {
    if (this.#seeding !== undefined) this.#show();
  }

  /** To be called once a second. `tellAll`: tells a peer of all that is there; only when this ends. */
  tick(tellAll: (peer: SwarmPeer) => void): void {
    const { availability, tuning, seeding, peers } = this.#state;
    if (this.#seeding === undefined) return;
    this.#over ||= availability.seeds > 0;
    if (!this.#over && tuning.superSeeding && seeding && this.#complete()) return this.#show();
    this.#seeding = undefined;
    for (const peer of peers) tellAll(peer);
  }

  /** It begins with no peer: whoever was told of everything would not believe that it is gone. */
  #start(): void {
    const { tuning, seeding, peers, info, ports } = this.#state;
    if (this.#seeding !== undefined || this.#over || !tuning.superSeeding || !seeding || !this.#complete()) return;
    // The new one is among them already.
    if (peers.size <= 1) this.#seeding = new SuperSeeding(info.pieceCount, ports.random.uniform);
  }

  #show(): void {
    const { availability, peers, ports } = this.#state;
    const now: Millis = ports.clock.now();
    for (const peer of peers) {
      const piece = this.#seeding?.next(peer, now, (one) => availability.count(one, 'own'));
      if (piece !== undefined) peer.session.batch.have(piece);
    }
  }
}
