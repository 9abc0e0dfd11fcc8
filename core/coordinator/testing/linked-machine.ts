import type { TorrentKey } from '../../base/ids.ts';
import type { LinkProfile } from '../../engine/link-profiles.ts';
import { plainLink } from '../../engine/testing/plain-link.ts';
import type { ToIdentity } from '../../identity/messages.ts';
import type { LocalAddress } from '../../ports/interfaces.ts';
import { World } from './world.ts';

export const ETH0: LocalAddress = { interfaceName: 'eth0', address: '10.0.0.1', family: 4, internal: false };
export const ETH1: LocalAddress = { ...ETH0, interfaceName: 'eth1', address: '10.0.1.1' };
export const fibre = plainLink('fibre', 'eth0');
export const phone: LinkProfile = { ...fibre, name: 'phone', bind: 'eth1' };
export const both = { identities: 2, links: ['fibre', 'phone'] };

/** A machine whose addresses come and go, and which has these links. */
export class Machine extends World {
  addresses: readonly LocalAddress[] = [ETH0, ETH1];

  constructor() {
    super();
    this.interfaces.list = () => this.addresses;
  }

  async begin(...profiles: readonly LinkProfile[]): Promise<this> {
    this.coordinator = this.build('/state');
    this.coordinator.setLinks(profiles);
    await this.clock.resolve(this.coordinator.start());
    return this;
  }

  async again(...profiles: readonly LinkProfile[]): Promise<void> {
    await this.clock.resolve(this.coordinator.close());
    await this.begin(...profiles);
  }

  /** The addresses that an identity was given, in order. */
  given(identity: number): (string | undefined)[] {
    return this.told('add', identity).map(({ setup }) => setup.address);
  }

  told<T extends ToIdentity['type']>(type: T, identity: number): Extract<ToIdentity, { type: T }>[] {
    return this.script.received.flatMap(({ identity: to, message }) =>
      to === identity && message.type === type ? [message as Extract<ToIdentity, { type: T }>] : [],
    );
  }

  fetched(identity: number): number {
    return this.script.begun.filter((one) => one.identity === identity).length;
  }

  waits(key: TorrentKey): unknown[] {
    return this.coordinator.download(key)?.identities.map(({ waits }) => waits?.kind) ?? [];
  }
}
