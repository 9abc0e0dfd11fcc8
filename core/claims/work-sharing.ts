import { counted } from '../base/counted.ts';
import { type IdentityIndex, type Millis, millis, piece, type PieceIndex } from '../base/ids.ts';
import { LateMap } from '../base/late-map.ts';
import type { Clock } from '../ports/clock.ts';
import { planIdle, type Workload } from '../strategy/claims/claims-plan.ts';
import type { ClaimsDesk } from './claims-desk.ts';

/** An identity that was asked to give something back is not asked again before this time, unless it answers. */
const ANSWER_WITHIN = millis(3000);
/** An identity that had nothing to give is not asked again for this long. */
const REFUSED_FOR = millis(1000);
/** An identity that was given pieces has this long to begin them, so that no piece goes round among idle identities. */
const BEGIN_WITHIN = millis(2000);

/** What is known of an identity at work. */
export interface Worker {
  readonly index: IdentityIndex;
  /** Rate at which it receives, bytes/s. */
  readonly down: number;
  /** How many of its peers have each piece; undefined: not told yet. */
  readonly availability: Uint16Array | undefined;
  /** Its last report: pieces that it has begun, and how much of each is there, 0 to 255. */
  readonly status: { readonly begun: Uint32Array; readonly begunFill: Uint8Array } | undefined;
}

export interface Workers {
  /** The identities that have the download now. */
  active(): readonly Worker[];
  /** Asks an identity for up to `most` pieces that it has not begun. */
  giveBack(from: IdentityIndex, most: number): void;
}

/** Gives idle identities what slow ones have not begun, and at the end copies of what others are fetching (A17). */
export class WorkSharing {
  readonly #pieceLength: number;
  readonly #clock: Clock;
  readonly #desk: ClaimsDesk;
  readonly #workers: Workers;
  /** Who was asked to give back, and for whom. */
  readonly #asked = new LateMap<IdentityIndex, { readonly to: IdentityIndex; readonly at: Millis }>();
  /** Until when each identity is not asked. */
  readonly #spared = new LateMap<IdentityIndex, Millis>();
  /** Pieces that went from one identity to another since the last `news`. */
  readonly #moved: { from: number; to: number; pieces: number }[] = [];
  /** The rate of each identity when it last had work. */
  readonly #rates = new LateMap<IdentityIndex, number>();

  /** `pieceLength`: bytes. */
  constructor(pieceLength: number, clock: Clock, desk: ClaimsDesk, workers: Workers) {
    this.#pieceLength = pieceLength;
    this.#clock = clock;
    this.#desk = desk;
    this.#workers = workers;
  }

  /** An identity ran out of work. True where nothing can be found for it, now or later: its share is done. */
  idle(worker: Worker): boolean {
    const now = this.#clock.now();
    for (const [from, { at }] of this.#asked) if (now - at >= ANSWER_WITHIN) this.#asked.delete(from);
    for (const one of this.#workers.active()) if (one.down > 0) this.#rates.set(one.index, one.down);
    const plan = planIdle({
      idle: this.#workload(worker, now),
      others: this.#workers
        .active()
        .filter((one) => one !== worker)
        .map((one) => this.#workload(one, now)),
      pieceLength: this.#pieceLength,
      holders: (index) => 1 + this.#desk.copies(index).size,
      able: (index) => able(worker, index),
    });
    if (plan === undefined) return this.#nothingLeft(worker);
    if ('giveBack' in plan) {
      const { from, most } = plan.giveBack;
      this.#asked.set(from, { to: worker.index, at: now });
      this.#workers.giveBack(from, most);
    } else this.#desk.grantCopies(worker.index, plan.grantEndGame.pieces);
    return false;
  }

  /** Pieces come back; they go to the identity for which they were asked, if it can fetch them. */
  released(from: IdentityIndex, pieces: Uint32Array): void {
    const ask = this.#asked.get(from);
    this.#asked.delete(from);
    const to = this.#workers.active().find(({ index }) => index === ask?.to);
    if (ask !== undefined && pieces.length === 0) this.#spare(from, REFUSED_FOR);
    if (to === undefined) {
      this.#desk.release(from, pieces);
      return;
    }
    this.#spare(to.index, BEGIN_WITHIN);
    const taken = this.#desk.release(
      from,
      pieces.filter((p) => able(to, piece(p))),
      to.index,
    );
    if (taken.length > 0) this.#moved.push({ from: from + 1, to: to.index + 1, pieces: taken.length });
    this.#desk.release(
      from,
      pieces.filter((p) => !able(to, piece(p))),
    );
  }

  /** A sentence about what went to others since the last call; undefined: nothing did. */
  news(): string | undefined {
    const moved = this.#moved.splice(0);
    const [first, second] = moved;
    if (first === undefined) return undefined;
    const sum = moved.reduce((n, { pieces }) => n + pieces, 0);
    const what = counted(sum, 'piece');
    if (second === undefined) return `Identity ${first.to} takes ${what} that identity ${first.from} had not begun.`;
    return `Idle identities take ${what} that slower ones had not begun.`;
  }

  /** An identity no longer has the download: its answer is not awaited any more. */
  gone(identity: IdentityIndex): void {
    this.#asked.delete(identity);
    this.#spared.delete(identity);
  }

  #spare(identity: IdentityIndex, span: Millis): void {
    this.#spared.set(identity, millis(this.#clock.now() + span));
  }

  #workload(worker: Worker, now: Millis): Workload {
    const claimed = this.#desk.claimed(worker.index);
    const { begun = new Uint32Array(0), begunFill = new Uint8Array(0) } = worker.status ?? {};
    const own: Workload['begun'][number][] = [];
    begun.forEach((p, i) => {
      if (this.#desk.claimant(piece(p)) === worker.index) own.push({ piece: piece(p), fill: begunFill[i] ?? 0 });
    });
    const asking = this.#asked.has(worker.index) || now < (this.#spared.get(worker.index) ?? now);
    return {
      identity: worker.index,
      rate: this.#rates.get(worker.index) ?? 0,
      unbegun: asking ? 0 : Math.max(0, claimed - own.length),
      begun: asking && own.length < claimed ? this.#allClaims(worker, own) : own,
    };
  }

  /** All claims of an identity as begun, as its report may be out of date: what it does not give back it has begun. */
  #allClaims(worker: Worker, own: Workload['begun']): Workload['begun'] {
    const known = new Set(own.map((one) => one.piece));
    const rest = this.#desk.claimsOf(worker.index).filter((index) => !known.has(index));
    return [...own, ...rest.map((index) => ({ piece: index, fill: 0 }))];
  }

  #nothingLeft(worker: Worker): boolean {
    const { index } = worker;
    if (this.#desk.free > 0 || this.#desk.claimed(index) > 0 || this.#desk.hasCopies(index)) return false;
    for (const { to } of this.#asked.values()) if (to === index) return false;
    return true;
  }
}

/** Whether one of an identity's peers has the piece, as far as it reported. */
function able(worker: Worker, index: PieceIndex): boolean {
  return worker.availability === undefined || (worker.availability[index] ?? 0) > 0;
}
