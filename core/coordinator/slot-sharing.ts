import { uploadSlots } from '../strategy/upload-slots.ts';
import type { Member } from './member.ts';

/** The upload slots of one download's identities: those behind one address share them by the peers that they have (A16). */
export class SlotSharing {
  readonly #members: readonly Member[];
  readonly #told = new Map<Member, number>();

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** Slots of an identity that takes part or is about to, of `maxUploads` an address; it is told them. */
  take(member: Member, maxUploads: number): number {
    const group = this.#members.filter((one) => one.address === member.address && (one.taking || one === member));
    const slots = uploadSlots(
      maxUploads,
      group.map(({ connected }) => connected.size),
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
}
