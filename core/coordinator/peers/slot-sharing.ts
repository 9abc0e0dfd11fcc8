import { canonicalIp } from '../../base/ip.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { uploadSlots } from '../../strategy/upload/upload-slots.ts';
import type { Member } from '../run/member.ts';

/**
 * The upload slots of one download's identities. Those behind one network interface share one upload, whether they share
 * an address or not, so they share slots by the leechers that they are connected with (A16).
 */
export class SlotSharing {
  readonly #members: readonly Member[];
  readonly #interfaces: Interfaces;
  readonly #lines = new Map<string | undefined, string>();
  readonly #told = new Map<Member, number>();

  constructor(members: readonly Member[], interfaces: Interfaces) {
    this.#members = members;
    this.#interfaces = interfaces;
  }

  /** Slots of an identity that takes part or is about to, of `maxUploads` an interface; it is told them. */
  take(member: Member, maxUploads: number): number {
    const line = this.#line(member.address);
    const group = this.#members.filter((one) => this.#line(one.address) === line && (one.taking || one === member));
    const slots = uploadSlots(
      maxUploads,
      group.map(({ status }) => (status === undefined ? 0 : status.peers - status.seeds)),
    );
    const mine = slots[group.indexOf(member)] ?? maxUploads;
    this.#told.set(member, mine);
    return mine;
  }

  /** Those at work whose slots are others by now. */
  changed(maxUploads: number): Member[] {
    return this.#members.filter((member) => {
      if (member.phase !== 'active') return false;
      const told = this.#told.get(member);
      return this.take(member, maxUploads) !== told;
    });
  }

  /** Addresses of the loopback interface are as good as machines of their own. */
  #line(address: string | undefined): string {
    const known = this.#lines.get(address);
    if (known !== undefined || address === undefined) return known ?? '';
    const own = this.#interfaces.list().find((one) => canonicalIp(one.address) === address);
    // Further addresses of an interface may bear a label: eth0:1.
    const line = own === undefined || own.internal ? address : own.interfaceName.replace(/:.*$/, '');
    this.#lines.set(address, line);
    return line;
  }
}
