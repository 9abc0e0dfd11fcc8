import type { IdentityIndex } from '../../base/ids.ts';
import { keepsToRanges } from '../../strategy/claims/fixed-range.ts';
import type { Member } from './member.ts';
import type { RunPlan } from './run-plan.ts';
import type { Team } from './team.ts';

/** The run: who takes part in it is decided here. */
interface Attended {
  readonly team: Team;
  claimed(identity: IdentityIndex): number;
  /** How many wanted pieces nobody has or claims. */
  readonly free: number;
  /** Nobody is left that could go on. */
  nobodyLeft(): void;
}

/**
 * Who of a download's identities takes part in a run: all while something is missing, nobody for whom nothing is left to
 * do (A11), and always somebody who can.
 */
export class Attendance {
  readonly #plan: RunPlan;
  readonly #team: Team;
  readonly #run: Attended;
  #complete: boolean;
  #paused: boolean;
  #ends = false;

  constructor(plan: RunPlan, paused: boolean, run: Attended) {
    this.#plan = plan;
    this.#team = run.team;
    this.#run = run;
    this.#complete = plan.ledger.complete;
    this.#paused = paused;
  }

  /** Every wanted piece is there, and that was told. */
  get complete(): boolean {
    return this.#complete;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Everybody leaves: nothing can be begun with this run any more. */
  get ends(): boolean {
    return this.#ends;
  }

  /** Whether each identity keeps to its own fixed range. */
  get keepsToRanges(): boolean {
    return keepsToRanges(this.#plan.options);
  }

  /** While there is something to fetch. */
  start(): void {
    if (!this.#complete) for (const member of this.#team.members) this.#team.join(member);
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#team.broadcast({ type: paused ? 'pause' : 'resume', key: this.#plan.key });
  }

  end(): void {
    this.#ends = true;
  }

  /** Whether the last wanted piece has come only now. */
  completes(): boolean {
    if (this.#complete || !this.#plan.ledger.complete) return false;
    this.#complete = true;
    return true;
  }

  /** Other pieces are wanted: `completes` tells whether they are there. */
  choiceChanged(): void {
    if (this.#plan.ledger.complete) this.#complete = false;
    else this.incomplete();
  }

  /** Something is to be fetched, so that nobody is a seed any more; identities find that out themselves. */
  incomplete(): void {
    this.#complete = false;
    for (const member of this.#team.members) member.seeds(false);
  }

  /** Calls all identities that can take part. */
  callAll(): void {
    if (this.#ends) return;
    for (const member of this.#team.members) if (member.phase !== 'given-up') this.#team.join(member);
  }

  /** Nothing is left of its range. */
  rangeDone(member: Member): boolean {
    return this.#run.claimed(member.index) === 0 && this.#run.free === 0;
  }

  /** Nothing is left for it to do. */
  shareDone(member: Member): void {
    if (this.#plan.options.stay || this.#complete || this.#paused || this.#team.members.length === 1) return;
    void this.#team.leave(member).then(() => this.checkHands());
  }

  /** Makes sure that somebody is there for what is missing. */
  checkHands(): void {
    const fetching = this.#team.members.filter((member) => member.fetches);
    // Where no link may be used to fetch, it waits until one may.
    if (this.#complete || this.#ends || fetching.length === 0 || fetching.some((member) => member.taking)) return;
    const able = fetching.filter((member) => member.phase === 'left');
    for (const member of able) this.#team.join(member);
    if (able.length > 0 || fetching.some((member) => member.phase === 'leaving')) return;
    this.#run.nobodyLeft();
  }
}
