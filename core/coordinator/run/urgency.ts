import { type IdentityIndex, type Millis, millis, piece, type PieceIndex } from '../../base/ids.ts';
import { LateMap } from '../../base/late-map.ts';
import type { ClaimsDesk } from '../../claims/claims-desk.ts';
import type { AboutDownload, ToIdentity } from '../../identity/messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { keepsToRanges } from '../../strategy/claims/fixed-range.ts';
import { type Help, planHelp } from '../../strategy/claims/help-plan.ts';
import { planUrgent, type UrgentWorker } from '../../strategy/claims/urgent-plan.ts';
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
  readonly #told = new LateMap<IdentityIndex, readonly PieceIndex[]>();
  /** Which siblings each was told to have blocks fetched by. */
  readonly #helped = new LateMap<IdentityIndex, readonly Help[]>();
  #pieces: readonly PieceIndex[] = [];
  #waited: readonly PieceIndex[] = [];
  /** What each identity fetches first, and since when. */
  readonly #heads = new LateMap<IdentityIndex, { readonly piece: PieceIndex; readonly since: Millis }>();
  #timer: Timer | undefined;
  #sharedAt = -Infinity as Millis;

  constructor(needs: UrgencyNeeds) {
    this.#needs = needs;
  }

  /** These are needed first, in this order; none: nobody reads any more. `waited`: those that somebody is held up by. */
  set(pieces: readonly PieceIndex[], waited: readonly PieceIndex[]): void {
    if (same(pieces, this.#pieces) && same(waited, this.#waited)) return;
    this.#pieces = pieces;
    this.#waited = waited;
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
    this.#helped.delete(identity);
    this.#heads.delete(identity);
    this.changed();
  }

  /** What one identity has to say to another about blocks that it fetches for it. */
  passOn(from: IdentityIndex, message: Extract<AboutDownload, { readonly type: 'ask-sibling' | 'brought' }>): void {
    this.#needs.post(message.sibling, { ...message, sibling: from });
  }

  close(): void {
    this.#timer?.cancel();
    this.#pieces = [];
  }

  #share(): void {
    const { clock, desk, plan, post } = this.#needs;
    this.#sharedAt = clock.now();
    const { options } = plan;
    const isMissing = (index: PieceIndex): boolean => !plan.ledger.present.has(index) && plan.ledger.wants(index);
    const workersBy = (rate: (member: Member) => number): UrgentWorker[] =>
      this.#needs.active().map((member) => ({
        identity: member.index,
        rate: rate(member),
        able: (p) => member.availability === undefined || (member.availability[p] ?? 0) > 0,
      }));
    const { first, claims, copies, moves } = planUrgent({
      pieces: this.#pieces.filter(isMissing),
      workers: workersBy(({ down }) => down),
      pieceLength: plan.info.pieceLength,
      holders: (index) => {
        const claimant = desk.claimant(index);
        return claimant === undefined ? [] : [claimant, ...desk.copies(index)];
      },
      mayDeal: !keepsToRanges(options),
      // Once, so that nothing goes to and fro.
      mayMove: (index) => options.selection === 'fixed' && desk.claimant(index) === desk.home(index),
    });
    // Before the order, so that nothing else is asked for in their place when it comes.
    for (const [identity, pieces] of claims) desk.claim(identity, pieces);
    for (const [identity, pieces] of moves) desk.move(identity, pieces);
    for (const [identity, pieces] of copies) desk.grantCopies(identity, pieces.map(piece));
    const help = planHelp({
      waited: this.#waited.filter((index) => isMissing(index) && (this.#isHelped(index) || !this.#comesSoon(index))),
      // Each has its part by what it receives now.
      workers: workersBy((member) => member.recent(clock.now()).down || member.down),
      pieceLength: plan.info.pieceLength,
      claimant: (index) => desk.claimant(index),
    });
    const helps = new Set([...help.values()].flat().flatMap(({ helpers }) => helpers.map(({ identity }) => identity)));
    // Those that have nothing of it hurry too: the next jump may lead to what only they can fetch.
    const hurries = this.#pieces.length > 0;
    for (const [identity, pieces] of first) {
      const [head] = pieces;
      if (head === undefined) this.#heads.delete(identity);
      else if (this.#heads.get(identity)?.piece !== head)
        this.#heads.set(identity, { piece: head, since: clock.now() });
      const told = this.#told.get(identity);
      if (same(pieces, told ?? []) && hurries === (told !== undefined)) continue;
      if (hurries) this.#told.set(identity, pieces);
      else this.#told.delete(identity);
      post(identity, {
        type: 'urgent',
        key: plan.key,
        pieces: Uint32Array.from(pieces),
        hurries,
        helps: helps.has(identity),
      });
    }
    // Who has help asks in the new order, too.
    this.#shareHelp(help);
  }

  /** Its claimant has been at it for half of the time that it takes: helping would only delay what the others are at. */
  #comesSoon(index: PieceIndex): boolean {
    const { clock, desk, plan } = this.#needs;
    const claimant = desk.claimant(index);
    const head = claimant === undefined ? undefined : this.#heads.get(claimant);
    if (head?.piece !== index) return false;
    const rate = this.#needs.active().find((member) => member.index === claimant)?.down ?? 0;
    return rate * (clock.now() - head.since) >= 500 * plan.info.pieceLength;
  }

  #isHelped(index: PieceIndex): boolean {
    return [...this.#helped.values()].some((help) => help.some(({ piece }) => piece === index));
  }

  #shareHelp(plan: ReadonlyMap<IdentityIndex, readonly Help[]>): void {
    for (const identity of new Set([...plan.keys(), ...this.#helped.keys()])) {
      const help = plan.get(identity) ?? [];
      if (sameHelp(help, this.#helped.get(identity) ?? [])) continue;
      if (help.length > 0) this.#helped.set(identity, help);
      else this.#helped.delete(identity);
      const helping = help.flatMap(({ piece, helpers }) =>
        helpers.map(({ identity: sibling, rate }) => ({ sibling, piece, rate })),
      );
      this.#needs.post(identity, { type: 'helpers', key: this.#needs.plan.key, helping });
    }
  }
}

/** Rates change all the time: they are told with whatever else does. */
function sameHelp(a: readonly Help[], b: readonly Help[]): boolean {
  const shown = (help: readonly Help[]): string =>
    help.map(({ piece, helpers }) => `${piece}: ${helpers.map(({ identity }) => identity).join(' ')}`).join(', ');
  return shown(a) === shown(b);
}

function same(a: readonly PieceIndex[], b: readonly PieceIndex[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
