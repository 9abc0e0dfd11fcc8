import { canonicalIp } from '../../base/ip.ts';
import { LateMap } from '../../base/late-map.ts';
import { deviceOf, type Interfaces } from '../../ports/interfaces.ts';
import { uploadSlots } from '../../strategy/upload/upload-slots.ts';
import type { Member } from '../run/member.ts';

/**
 * The upload slots of one download's identities. Identities behind one network interface share one upload line, even with different
 * addresses, so they share slots in proportion to the leechers that they are connected with (A16).
 */
export class SlotSharing {
  readonly #members: readonly Member[];
  readonly #interfaces: Pick<Interfaces, 'list'>;
  readonly #lines = new LateMap<string | undefined, string>();
  readonly #told = new LateMap<Member, number>();

  constructor(members: readonly Member[], interfaces: Pick<Interfaces, 'list'>) {
    this.#members = members;
    this.#interfaces = interfaces;
  }

  /** The slots of an identity that takes part or is about to, of `maxUploads` for each interface. The caller tells it. */
  take(member: Member, maxUploads: number): number {
    if (this.#members.length === 1) return maxUploads;
    const line = this.#line(member.address);
    const group = this.#members.filter(
      (one) => one.uploads && this.#line(one.address) === line && (one.taking || one === member),
    );
    const slots = uploadSlots(
      maxUploads,
      group.map(({ status }) => (status === undefined ? 0 : status.peers - status.seeds)),
    );
    const mine = slots[group.indexOf(member)] ?? maxUploads;
    this.#told.set(member, mine);
    return mine;
  }

  /** The active identities whose slots have changed. */
  changed(maxUploads: number): Member[] {
    // One alone shares with nobody.
    if (this.#members.length === 1) return [];
    return this.#members.filter((member) => {
      if (member.phase !== 'active' || !member.uploads) return false;
      const told = this.#told.get(member);
      return this.take(member, maxUploads) !== told;
    });
  }

  /** Identifies the upload line of an address. Each loopback address counts as a machine of its own. */
  #line(address: string | undefined): string {
    const known = this.#lines.get(address);
    if (known !== undefined || address === undefined) return known ?? '';
    const own = this.#interfaces.list().find((one) => canonicalIp(one.address) === address);
    const line = own === undefined || own.internal ? address : deviceOf(own);
    this.#lines.set(address, line);
    return line;
  }
}
