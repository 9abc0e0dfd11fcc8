import type { Millis, PieceIndex } from '../base/ids.ts';
import { claimDemand } from '../strategy/claims/claim-demand.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { BlockSource } from './block-source.ts';
import type { SwarmState } from './state.ts';

/** Pieces are claimed this many times further ahead than blocks are requested. */
const CLAIM_AHEAD = 2.5;
const IDLE_INTERVAL = 100 as Millis;
/** A claimed piece that no source could send for this long goes back to the siblings. */
const FRUITLESS = 20_000 as Millis;

/** Keeps as many pieces claimed as this identity can begin soon (A7, A8), and asks for more work when it runs dry (A17). */
export class Claiming {
  readonly #state: SwarmState;
  readonly #dropBegun: (piece: PieceIndex) => void;
  /** Pieces that were asked for without an answer yet. */
  readonly #pending = new Set<PieceIndex>();
  /** Since when nobody could send a claimed piece. */
  readonly #fruitlessSince = new Map<PieceIndex, Millis>();
  #idleAt = 0 as Millis;
  #asked = 0 as Millis;

  constructor(state: SwarmState, dropBegun: (piece: PieceIndex) => void) {
    this.#state = state;
    this.#dropBegun = dropBegun;
    state.share.onChange((piece) => this.#pending.delete(piece));
  }

  /** A source could send more than there is left to ask it for. */
  starving(source: BlockSource): void {
    const { share, picker, claimer, ports } = this.#state;
    if (share.count(PieceShare.open) > this.#pending.size) {
      const wanted = this.#demand();
      if (wanted <= 0) return;
      const pieces =
        source.runs === undefined
          ? picker.candidates(source.pieces, wanted, this.#pending)
          : picker.runToClaim(source, wanted, this.#pending);
      if (pieces.length > 0) {
        for (const piece of pieces) this.#pending.add(piece);
        claimer.claim(pieces);
        return;
      }
    }
    const now = ports.clock.now();
    if (this.#pending.size > 0 || now < this.#idleAt || source.requests.size >= source.window) return;
    this.#idleAt = (now + IDLE_INTERVAL) as Millis;
    claimer.idle();
  }

  /** A piece was begun: claims the next ones before this one is done. */
  topUp(now: Millis): void {
    const { share, sources } = this.#state;
    if (share.count(PieceShare.open) === 0 || now - this.#asked < 20) return;
    this.#asked = now;
    for (const source of sources) {
      if (source.several || source.peerChoking || !source.amInterested || source.requests.size === 0) continue;
      if (this.#demand() === 0) return;
      this.starving(source);
    }
  }

  /** Gives back up to `most` pieces that were not begun, as the coordinator asks (A17). */
  giveBack(most: number): void {
    const pieces = this.#state.picker.unbegun().slice(0, most);
    // An empty list is an answer too: the coordinator asks somebody else.
    if (pieces.length === 0) this.#state.claimer.release(pieces);
    else this.#release(pieces);
  }

  /** To be called once a second. Gives back claims that no source here can serve, so that a sibling may try. */
  tick(now: Millis): void {
    this.#askForWork(now);
    const { share, picker, self } = this.#state;
    if (!self.claims || share.count(PieceShare.mine) + share.count(PieceShare.both) === 0) return;
    const hopeless: PieceIndex[] = [];
    const seen = new Set<PieceIndex>();
    for (const piece of [...picker.unbegun(), ...picker.begun.keys()]) {
      const begun = picker.begun.get(piece);
      // All of it is there and being verified, so that no source is needed.
      if (begun !== undefined && begun.received === begun.blocks) continue;
      if (this.#servable(piece)) continue;
      seen.add(piece);
      const since = this.#fruitlessSince.get(piece);
      if (since === undefined) this.#fruitlessSince.set(piece, now);
      else if (now - since >= FRUITLESS) hopeless.push(piece);
    }
    for (const piece of this.#fruitlessSince.keys()) if (!seen.has(piece)) this.#fruitlessSince.delete(piece);
    this.#release(hopeless);
  }

  /** With nothing left to take no peer is interesting, so that none would ever starve: asks for work all the same (A17). */
  #askForWork(now: Millis): void {
    const { share, claimer, self } = this.#state;
    if (self.count === 1 || now < this.#idleAt || share.count(PieceShare.theirs) === 0 || share.left > 0) return;
    this.#idleAt = (now + IDLE_INTERVAL) as Millis;
    claimer.idle();
  }

  #servable(piece: PieceIndex): boolean {
    for (const source of this.#state.sources) {
      if (source.pieces.has(piece) && !source.peerChoking && !source.snubbed) return true;
    }
    return false;
  }

  #release(pieces: readonly PieceIndex[]): void {
    if (pieces.length === 0) return;
    const { share, claimer } = this.#state;
    for (const piece of pieces) {
      this.#fruitlessSince.delete(piece);
      this.#dropBegun(piece);
      share.set(piece, share.get(piece) === PieceShare.both ? PieceShare.theirs : PieceShare.open);
    }
    claimer.release(pieces);
  }

  #demand(): number {
    const { sources, picker, ports, info, share } = this.#state;
    const now = ports.clock.now();
    let rate = 0;
    let able = 0;
    for (const source of sources) {
      rate += source.down.rate(now);
      if (!source.several && !source.peerChoking && source.amInterested) able++;
    }
    const mine = share.count(PieceShare.mine);
    return claimDemand({
      rate,
      pieceLength: info.pieceLength,
      unbegun: Math.max(0, mine - picker.begun.size) + this.#pending.size,
      begun: picker.begun.size,
      ahead: CLAIM_AHEAD * this.#state.ahead,
      able,
    });
  }
}
