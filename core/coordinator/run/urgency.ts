import { type IdentityIndex, type Millis, millis, piece, type PieceIndex } from '../../base/ids.ts';
import type { ClaimsDesk } from '../../claims/claims-desk.ts';
import type { ToIdentity } from '../../identity/messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { planUrgent } from '../../strategy/claims/urgent-plan.ts';
import type { Member } from './member.ts';
import type { RunPlan } from './run-plan.ts';

/** Changes are told together, at most so often. */
const PERIOD = millis(50);

interface UrgencyNeeds {
  readonly clock: Clock;
  readonly desk: ClaimsDesk;
  readonly plan: RunPlan;
  active(): readonly Member[];
  post(to: IdentityIndex, message: ToIdentity): void;
}

/** Has urgent pieces fetched first, across the identities of a run. */
export class Urgency {
  readonly #needs: UrgencyNeeds;
  /** What each identity was told last, while somebody reads. */
  readonly #told = new Map<IdentityIndex, readonly PieceIndex[]>();
  #pieces: readonly PieceIndex[] = [];
  #timer: Timer | undefined;
  #sharedAt = -Infinity as Millis;

  constructor(needs: UrgencyNeeds) {
    this.#needs = needs;
  }

  /** These are needed first, in this order; none: nobody reads any more. */
  set(pieces: readonly PieceIndex[]): void {
    if (same(pieces, this.#pieces)) return;
    this.#pieces = pieces;
    this.changed();
  }

  /** What it depends on changed: who claims what, who is there. */
  changed(): void {
    if (this.#timer !== undefined || (this.#pieces.length === 0 && this.#told.size === 0)) return;
    const { clock } = this.#needs;
    const wait = this.#sharedAt + PERIOD - clock.now();
    if (wait <= 0) this.#share();
    else
      this.#timer = clock.after(millis(wait), () => {
        this.#timer = undefined;
        this.#share();
      });
  }

  /** An identity begins anew, or is gone: it knows nothing of what was told. */
  forget(identity: IdentityIndex): void {
    this.#told.delete(identity);
    this.changed();
  }

  close(): void {
    this.#timer?.cancel();
    this.#pieces = [];
  }

  #share(): void {
    const { clock, desk, plan, post } = this.#needs;
    this.#sharedAt = clock.now();
    const { first, claims, copies } = planUrgent({
      pieces: this.#pieces.filter((index) => !plan.ledger.present.has(index) && plan.ledger.wants(index)),
      workers: this.#needs.active().map(({ index, down, availability }) => ({
        identity: index,
        rate: down,
        able: (p) => availability === undefined || (availability[p] ?? 0) > 0,
      })),
      pieceLength: plan.info.pieceLength,
      holders: (index) => {
        const claimant = desk.claimant(index);
        return claimant === undefined ? [] : [claimant, ...desk.copies(index)];
      },
      mayDeal: plan.options.selection !== 'fixed' || plan.options.takeOver,
    });
    // Before the order, so that nothing else is asked for in their place when it comes.
    for (const [identity, pieces] of claims) desk.claim(identity, pieces);
    for (const [identity, pieces] of copies) desk.grantCopies(identity, pieces.map(piece));
    // Those that have nothing of it hurry too: the next jump may lead to what only they can fetch.
    const hurries = this.#pieces.length > 0;
    for (const [identity, pieces] of first) {
      const told = this.#told.get(identity);
      if (same(pieces, told ?? []) && hurries === (told !== undefined)) continue;
      if (hurries) this.#told.set(identity, pieces);
      else this.#told.delete(identity);
      post(identity, { type: 'urgent', key: plan.key, pieces: Uint32Array.from(pieces), hurries });
    }
  }
}

function same(a: readonly PieceIndex[], b: readonly PieceIndex[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
