import type { Endpoint } from '../base/endpoint.ts';
import { type IdentityIndex, type Millis, millis, type PeerId } from '../base/ids.ts';
import type { Ports } from '../ports/ports.ts';
import { readSiblings, registerSibling, type SiblingRecord, unregisterSibling } from '../store/siblings.ts';

/** An identity says that it lives so often. */
export const HEARTBEAT = millis(10_000);
/** One that has not said so for so long counts as dead. */
export const LEASE = millis(45_000);

/** The identities that are registered in a common directory: who they are (A14), and who lives (A15). */
export class SiblingWatch {
  readonly #ports: Pick<Ports, 'disk' | 'clock'>;
  readonly #folder: string;
  readonly #own: {
    readonly index: IdentityIndex;
    readonly peerId: PeerId;
    readonly endpoint: () => Endpoint | undefined;
  };
  /** The last heartbeat of each, and when we saw it change: clocks of other machines need not be right. */
  readonly #heard = new Map<IdentityIndex, { readonly heartbeat: number; readonly at: Millis }>();
  readonly #began: Millis;
  #siblings: readonly SiblingRecord[] = [];

  constructor(
    ports: Pick<Ports, 'disk' | 'clock'>,
    folder: string,
    own: { readonly index: IdentityIndex; readonly peerId: PeerId; readonly endpoint: () => Endpoint | undefined },
  ) {
    this.#ports = ports;
    this.#folder = folder;
    this.#own = own;
    this.#began = ports.clock.now();
  }

  /** All that are registered, but oneself. */
  get siblings(): readonly SiblingRecord[] {
    return this.#siblings;
  }

  /** Says that this identity lives. */
  async beat(): Promise<void> {
    const { index, peerId, endpoint } = this.#own;
    const heartbeat = this.#ports.clock.wall();
    const listening = endpoint() ?? { host: '', port: 0 };
    await registerSibling(this.#ports.disk, this.#folder, { index, peerId, endpoint: listening, heartbeat });
  }

  /** Reads all registrations; true where one is new, gone, or listens elsewhere. */
  async look(): Promise<boolean> {
    const before = this.#siblings;
    const all = await readSiblings(this.#ports.disk, this.#folder);
    this.#siblings = all.filter((one) => one.index !== this.#own.index);
    const now = this.#ports.clock.now();
    for (const { index, heartbeat } of this.#siblings) {
      if (this.#heard.get(index)?.heartbeat !== heartbeat) this.#heard.set(index, { heartbeat, at: now });
    }
    const describe = (records: readonly SiblingRecord[]): string =>
      records.map((one) => `${one.peerId} ${one.endpoint.host} ${one.endpoint.port}`).join();
    return describe(before) !== describe(this.#siblings);
  }

  /** It has not been heard of for the length of a lease; one that is not registered, since we look. */
  isDead(index: IdentityIndex): boolean {
    if (index === this.#own.index) return false;
    const registered = this.#siblings.some((one) => one.index === index);
    const last = registered ? this.#heard.get(index)?.at : undefined;
    return this.#ports.clock.now() - (last ?? this.#began) >= LEASE;
  }

  async leave(): Promise<void> {
    await unregisterSibling(this.#ports.disk, this.#folder, this.#own.index);
  }
}
