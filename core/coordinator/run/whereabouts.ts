import type { Millis } from '../../base/ids.ts';
import type { StoreLocation } from '../../store/layouts/layout.ts';
import type { Member } from './member.ts';
import { locationOf, type RunPlan } from './run-plan.ts';
import type { Team } from './team.ts';

/** Where the files of a download lie, and until when they may be written to, as its identities are told. */
export class Whereabouts {
  readonly #plan: RunPlan;
  readonly #team: Team;
  /** Whether the files have their final names. */
  #assembled: boolean;

  constructor(plan: RunPlan, team: Team, assembled: boolean) {
    this.#plan = plan;
    this.#team = team;
    this.#assembled = assembled;
  }

  of(member: Member): StoreLocation {
    return locationOf(this.#plan, member.index, this.#assembled);
  }

  /** Extends the time until which the working folder is ours to write in; undefined: there is no limit. */
  leased(until: Millis | undefined): void {
    this.#team.tell({ type: 'lease', key: this.#plan.key, ...(until === undefined ? {} : { until }) });
  }

  /** The working folder now belongs to somebody else: all identities leave it as it is. */
  lost(): void {
    this.#team.tell({ type: 'lease-lost', key: this.#plan.key });
  }

  /** The files bear their final names from now on. */
  placed(): void {
    this.#assembled = true;
  }

  get assembled(): boolean {
    return this.#assembled;
  }

  /** Tells the identities where the files lie now; if they have their final names the working folder goes, with its lock. */
  moved(): void {
    if (this.#assembled) this.leased(undefined);
    this.#team.moved((member) => this.of(member), this.#plan.info.naming);
  }
}
