import { type IdentityIndex, type Millis, millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { MemberRecord } from './claim-store.ts';

/** An identity without a heartbeat for this long counts as dead, unless the manifest says otherwise. */
export const DEFAULT_LEASE = millis(45_000);

/** An identity that was not heard for so many heartbeats may be cut off. */
const SILENT_AFTER = 1.5;

/** A sibling as it registered, and whether a heartbeat was seen within its lease. */
export interface Sibling extends MemberRecord {
  readonly alive: boolean;
}

/** Which of the identities that registered in a claim store live (A15). */
export class SiblingWatch {
  /** How often an identity renews its heartbeat. */
  readonly heartbeat: Millis;
  readonly #clock: Clock;
  readonly #own: IdentityIndex;
  readonly #lease: Millis;
  /** The last heartbeat of each, and when we saw it change: clocks of other machines need not be right. */
  readonly #heard = new Map<IdentityIndex, { readonly heartbeat: number; readonly at: Millis }>();
  /** Nobody counts as dead before a lease has passed from here. */
  #began: Millis;
  /** When we last looked, by the time that passed for the others: what we slept counts for them. */
  #looked: number;
  #silent = false;
  /** Since when the store is there. */
  #since: Millis | undefined;
  /** When each was heard last since then. */
  readonly #back = new Map<IdentityIndex, Millis>();
  #siblings: readonly MemberRecord[] = [];
  #described = '';

  constructor(clock: Clock, lease: Millis, own: IdentityIndex) {
    this.#clock = clock;
    this.#own = own;
    this.#lease = lease;
    this.heartbeat = millis(lease / 4.5);
    this.#began = clock.now();
    this.#looked = this.#passed;
  }

  /** All registered identities except this one. */
  get siblings(): readonly Sibling[] {
    return this.#siblings.map((one) => ({ ...one, alive: !this.isDead(one.index) }));
  }

  /** Whether this process itself may have been silent for longer than its lease before the last look. */
  get wasSilent(): boolean {
    return this.#silent;
  }

  /**
   * Takes what is registered now, in a store that was there all the time since then; true where somebody is new, gone, listens elsewhere,
   * died or came back.
   */
  look(members: readonly MemberRecord[], since: Millis | undefined): boolean {
    this.#siblings = members.filter((one) => one.index !== this.#own);
    const now = this.#clock.now();
    if (since !== this.#since) this.#back.clear();
    // What was registered before does not tell who is back.
    const isFirst = since !== undefined && since !== this.#since;
    this.#since = since;
    // This process slept, or the directory was away: heartbeats of others were not seen meanwhile, or could not be written.
    this.#silent = this.#passed - this.#looked > 2 * this.heartbeat;
    if (this.#silent) {
      this.#began = now;
      for (const [index, { heartbeat }] of this.#heard) this.#heard.set(index, { heartbeat, at: now });
    }
    this.#looked = this.#passed;
    for (const { index, heartbeat } of this.#siblings) {
      if (this.#heard.get(index)?.heartbeat === heartbeat) continue;
      this.#heard.set(index, { heartbeat, at: now });
      if (!isFirst) this.#back.set(index, now);
    }
    const before = this.#described;
    this.#described = this.siblings
      .map(
        (one) =>
          `${one.peerId} ${one.endpoint.host} ${one.endpoint.port} ${one.alive} ${JSON.stringify({ ...one.exchange, figures: undefined })}`,
      )
      .join();
    return before !== this.#described;
  }

  /** Whether no heartbeat of it was seen for a lease; if none ever was, since we began to look. */
  isDead(index: IdentityIndex): boolean {
    return index !== this.#own && this.hasExpired(this.#heard.get(index)?.at ?? this.#began);
  }

  /**
   * Whether it was heard since then in the store as it is there now, and lately: what it had verified by then it has told, and it is not cut
   * off, so that it will tell the rest.
   */
  speaks(index: IdentityIndex, since: Millis): boolean {
    if (this.#since === undefined) return true;
    const at = this.#back.get(index);
    return at !== undefined && at >= since && this.#clock.now() - at <= SILENT_AFTER * this.heartbeat;
  }

  /** Whether a whole lease has passed since then in which we could have seen a heartbeat. */
  hasExpired(since: Millis): boolean {
    return this.#clock.now() - Math.max(since, this.#began) >= this.#lease;
  }

  get #passed(): number {
    return this.#clock.now() + this.#clock.slept();
  }
}
