import type { Endpoint } from '../base/endpoint.ts';
import { type IdentityIndex, type Millis, millis, type PeerId } from '../base/ids.ts';
import type { Ports } from '../ports/ports.ts';
import { readSiblings, registerSibling, type SiblingRecord, unregisterSibling } from '../store/siblings.ts';

/** An identity without a heartbeat for this long counts as dead, unless the manifest says otherwise. */
export const DEFAULT_LEASE = millis(45_000);

/** A sibling as it registered, and whether a heartbeat was seen within its lease. */
export interface Sibling extends SiblingRecord {
  readonly alive: boolean;
}

interface Own {
  readonly index: IdentityIndex;
  readonly peerId: PeerId;
  /** Which machine it runs on: those who listen on all addresses of one machine share an address. */
  readonly machine: string;
  endpoint(): Endpoint | undefined;
}

/** The identities that are registered in a common directory: who they are (A14), and who lives (A15). */
export class SiblingWatch {
  /** How often an identity renews its heartbeat. */
  readonly heartbeat: Millis;
  readonly #ports: Pick<Ports, 'disk' | 'clock'>;
  readonly #folder: string;
  readonly #own: Own;
  readonly #lease: Millis;
  /** The last heartbeat of each, and when we saw it change: clocks of other machines need not be right. */
  readonly #heard = new Map<IdentityIndex, { readonly heartbeat: number; readonly at: Millis }>();
  /** Nobody counts as dead before a lease has passed from here. */
  #began: Millis;
  /** When we last looked, by the time that passed for the others: what we slept counts for them. */
  #looked: number;
  #silent = false;
  #siblings: readonly SiblingRecord[] = [];
  #described = '';

  constructor(ports: Pick<Ports, 'disk' | 'clock'>, folder: string, lease: Millis, own: Own) {
    this.#ports = ports;
    this.#folder = folder;
    this.#own = own;
    this.#lease = lease;
    this.heartbeat = millis(lease / 4.5);
    this.#began = ports.clock.now();
    this.#looked = this.#passed;
  }

  /** All registered identities except this one. */
  get siblings(): readonly Sibling[] {
    return this.#siblings.map((one) => ({ ...one, alive: !this.isDead(one.index) }));
  }

  /** The machine of this identity. */
  get machine(): string {
    return this.#own.machine;
  }

  /** Whether this process itself may have been silent for longer than its lease before the last look. */
  get wasSilent(): boolean {
    return this.#silent;
  }

  /** Renews the heartbeat of this identity. */
  async beat(): Promise<void> {
    const { index, peerId, machine, endpoint } = this.#own;
    const heartbeat = this.#ports.clock.wall();
    const listening = endpoint() ?? { host: '', port: 0 };
    await registerSibling(this.#ports.disk, this.#folder, { index, peerId, machine, endpoint: listening, heartbeat });
  }

  /** Reads all registrations; true where one is new, gone, listens elsewhere, died or came back. */
  async look(): Promise<boolean> {
    const all = await readSiblings(this.#ports.disk, this.#folder);
    this.#siblings = all.filter((one) => one.index !== this.#own.index);
    const now = this.#ports.clock.now();
    // This process slept, or the directory was away: what the others said meanwhile was not heard, or could not be said.
    this.#silent = this.#passed - this.#looked > 2 * this.heartbeat;
    if (this.#silent) {
      this.#began = now;
      for (const [index, { heartbeat }] of this.#heard) this.#heard.set(index, { heartbeat, at: now });
    }
    this.#looked = this.#passed;
    for (const { index, heartbeat } of this.#siblings) {
      if (this.#heard.get(index)?.heartbeat !== heartbeat) this.#heard.set(index, { heartbeat, at: now });
    }
    const before = this.#described;
    this.#described = this.siblings
      .map((one) => `${one.peerId} ${one.endpoint.host} ${one.endpoint.port} ${one.alive}`)
      .join();
    return before !== this.#described;
  }

  /** Whether no heartbeat of it was seen for a lease; if none ever was, since we began to look. */
  isDead(index: IdentityIndex): boolean {
    return index !== this.#own.index && this.hasExpired(this.#heard.get(index)?.at ?? this.#began);
  }

  /** Whether a whole lease has passed since then in which we could have seen a heartbeat. */
  hasExpired(since: Millis): boolean {
    return this.#ports.clock.now() - Math.max(since, this.#began) >= this.#lease;
  }

  get #passed(): number {
    return this.#ports.clock.now() + this.#ports.clock.slept();
  }

  async leave(): Promise<void> {
    await unregisterSibling(this.#ports.disk, this.#folder, this.#own.index);
  }
}
