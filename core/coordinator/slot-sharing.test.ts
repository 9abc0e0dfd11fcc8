import { describe, expect, test } from 'vitest';
import { identityIndex, type PeerId } from '../base/ids.ts';
import { Member } from './member.ts';
import { SlotSharing } from './slot-sharing.ts';

/** Members at the addresses that the characters name, all at work. */
function members(addresses: string): Member[] {
  return Array.from(addresses).map((address, i) => {
    const member = new Member(identityIndex(i), `peer ${i}` as PeerId, i, address);
    member.phase = 'active';
    return member;
  });
}

function connect(member: Member, count: number): void {
  for (let i = 0; i < count; i++) member.connected.set(`10.0.0.${i}:1`, { host: `10.0.0.${i}`, port: 1 });
}

describe('upload slots', () => {
  test('are shared by those behind one address, and follow the peers', () => {
    const all = members('aab');
    const sharing = new SlotSharing(all);
    expect(all.map((member) => sharing.take(member, 8))).toEqual([4, 4, 8]);
    expect(sharing.changed(8)).toEqual([]);
    connect(all[0]!, 12);
    expect(sharing.changed(8)).toEqual([all[0], all[1]]);
    expect(all.map((member) => sharing.take(member, 8))).toEqual([6, 2, 8]);
  });

  test('of one that left go to the others', () => {
    const all = members('aa');
    const sharing = new SlotSharing(all);
    for (const member of all) sharing.take(member, 8);
    all[1]!.phase = 'left';
    expect(sharing.changed(8)).toEqual([all[0]]);
    expect(sharing.take(all[0]!, 8)).toBe(8);
  });

  test('of one that is about to take part are its own already', () => {
    const all = members('aa');
    all[1]!.phase = 'left';
    const sharing = new SlotSharing(all);
    expect(sharing.take(all[0]!, 8)).toBe(8);
    expect(sharing.take(all[1]!, 8)).toBe(4);
  });
});
