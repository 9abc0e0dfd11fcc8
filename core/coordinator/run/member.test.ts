import { expect, test } from 'vitest';
import { identityIndex, millis, type PeerId, piece } from '../../base/ids.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import { Member, type MemberPhase } from './member.ts';

const now = millis(1000);
const peer = { host: '10.0.0.9', port: 1 };
const status = {
  downloaded: 70,
  uploaded: 7,
  wasted: 1,
  peers: 3,
  peerList: [{ endpoint: peer }],
  endpoint: peer,
} as unknown as SwarmStatus;

function atWork(): Member {
  const member = new Member(identityIndex(0), 'peer' as PeerId, 0, { address: undefined });
  member.called();
  member.began(now);
  member.beginWith([{ piece: piece(1), blocks: Uint8Array.of(1) }]);
  member.reported(status, millis(1000));
  member.connection(peer, true);
  member.sees(Uint16Array.of(1));
  return member;
}

test.each<[string, (member: Member) => void, MemberPhase, number]>([
  ['dies', (member) => member.died(now, now, false), 'restarting', 0],
  ['dies once too often', (member) => member.died(now, now, true), 'given-up', 0],
  ['dies while it leaves', (member) => (member.dismissed(), member.died(now, now, false)), 'left', 0],
  ['leaves, and says what it has begun', (member) => (member.dismissed(), member.left(now, [])), 'left', 0],
  ['is given up waiting for', (member) => (member.dismissed(), member.left(now)), 'left', 1],
])('one that %s keeps its totals, and nothing that it knew of the swarm', (_, end, phase, begun) => {
  const member = atWork();
  end(member);
  expect(member.phase).toBe(phase);
  expect(member.totals).toEqual({ downloaded: 70, uploaded: 7, wasted: 1 });
  expect(member.begun).toHaveLength(begun);
  const { availability, endpoint, peerList, connected } = member;
  expect({ availability, endpoint, peerList, connected: connected.size }).toEqual({ peerList: [], connected: 0 });
  // Its last report may come late.
  member.reported(status, millis(1000));
  expect(member.status).toBeUndefined();
  expect(member.totals.downloaded).toBe(70);
});

test('the last report of one that is leaving counts', () => {
  const member = atWork();
  member.dismissed();
  member.reported({ ...status, downloaded: 90 as never }, millis(1000));
  member.left(now);
  expect(member.totals.downloaded).toBe(90);
});
