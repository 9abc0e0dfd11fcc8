import { describe, expect, test } from 'vitest';
import { identityIndex, millis, type PeerId } from '../../base/ids.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import type { LocalAddress } from '../../ports/interfaces.ts';
import { Member } from '../run/member.ts';
import { SlotSharing } from './slot-sharing.ts';

/** Members at these addresses, all at work. */
function members(addresses: readonly string[]): Member[] {
  return addresses.map((address, i) => {
    const member = new Member(identityIndex(i), `peer ${i}` as PeerId, i, { address });
    member.began(millis(0));
    return member;
  });
}

const interfaces = {
  list: () =>
    [
      ['10.0.0.1', 'eth0', false],
      ['10.0.1.1', 'eth1', false],
      ['10.0.2.1', 'eth2', false],
      ['10.0.2.2', 'eth2:1', false],
      ['127.0.0.2', 'lo', true],
      ['127.0.0.3', 'lo', true],
    ].map(([address, interfaceName, internal]) => ({ address, interfaceName, internal, family: 4 }) as LocalAddress),
};

function connect(member: Member, peers: number, seeds: number): void {
  member.reported({ peers, seeds } as SwarmStatus, millis(1000));
}

describe('upload slots', () => {
  test('are shared by those behind one address, and follow the peers', () => {
    const all = members(['10.0.0.1', '10.0.0.1', '10.0.1.1']);
    const sharing = new SlotSharing(all, interfaces);
    expect(all.map((member) => sharing.take(member, 8))).toEqual([4, 4, 8]);
    expect(sharing.changed(8)).toEqual([]);
    connect(all[0]!, 16, 4);
    expect(sharing.changed(8)).toEqual([all[0], all[1]]);
    expect(all.map((member) => sharing.take(member, 8))).toEqual([8, 1, 8]);
  });

  test('of one that left go to the others', () => {
    const all = members(['10.0.0.1', '10.0.0.1']);
    const sharing = new SlotSharing(all, interfaces);
    for (const member of all) sharing.take(member, 8);
    all[1]!.left(millis(1));
    expect(sharing.changed(8)).toEqual([all[0]]);
    expect(sharing.take(all[0]!, 8)).toBe(8);
  });

  test('of one that is about to take part are its own already', () => {
    const all = members(['10.0.0.1', '10.0.0.1']);
    all[1]!.left(millis(1));
    const sharing = new SlotSharing(all, interfaces);
    expect(sharing.take(all[0]!, 8)).toBe(8);
    expect(sharing.take(all[1]!, 8)).toBe(4);
  });

  test.each([
    ['two addresses of one interface share them', ['10.0.2.1', '10.0.2.2'], [4, 4]],
    ['two interfaces do not', ['10.0.0.1', '10.0.1.1'], [8, 8]],
    ['nor do loopback addresses', ['127.0.0.2', '127.0.0.3'], [8, 8]],
    ['nor addresses that are not there now', ['10.9.9.9', '10.9.9.8'], [8, 8]],
  ])('%s', (_, addresses, slots) => {
    const all = members(addresses);
    const sharing = new SlotSharing(all, interfaces);
    expect(all.map((member) => sharing.take(member, 8))).toEqual(slots);
  });
});
