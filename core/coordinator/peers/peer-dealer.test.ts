import { beforeEach, describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../base/endpoint.ts';
import type { SwarmStatus } from '../../engine/statuses.ts';
import { foundBy } from '../../base/peer-source.ts';
import { identityIndex, millis, type TorrentKey, type PeerId } from '../../base/ids.ts';
import type { ToIdentity } from '../../identity/messages.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { Member } from '../run/member.ts';
import { PeerDealer } from './peer-dealer.ts';
import type { Team } from '../run/team.ts';

const HASH = 'a'.repeat(40) as TorrentKey;

let clock: VirtualClock;
let members: Member[];
let dealer: PeerDealer;
/** Of each identity: the peers that it was dealt last. */
let dealt: Map<number, string[]>;
let given: [number, number][];

function peers(count: number, from = 0) {
  const endpoints = Array.from({ length: count }, (_, i) => ({ host: `10.9.0.${from + i}`, port: 1 }));
  return foundBy('tracker', endpoints);
}

/** It dials what it was dealt, and everyone answers. */
function connectAll(member: Member): void {
  for (const host of dealt.get(member.index) ?? []) {
    const endpoint = { host, port: 1 };
    member.connection(endpoint, true);
  }
  dealer.connectionsChanged();
}

beforeEach(() => {
  clock = new VirtualClock();
  dealt = new Map();
  given = [];
  members = [0, 1, 2, 3].map((i) => new Member(identityIndex(i), `peer ${i}` as PeerId, i, { address: '10.0.0.1' }));
  for (const member of members) member.called();
  const post = ({ index }: Member, message: ToIdentity): void => {
    if (message.type === 'peers') dealt.set(index, message.dial.map(({ host }) => host)); // prettier-ignore
    if (message.type === 'give-up-peers') given.push([index, message.count]);
  };
  const team = {
    post,
    member: (index: number) => members[index],
    get active() {
      return members.filter(({ phase }) => phase === 'active');
    },
  };
  const interfaces = { list: () => [] };
  dealer = new PeerDealer({ key: HASH, clock, interfaces, members }, team as unknown as Team);
});

test('siblings are nobody’s peers, by where they listen and by what their router opens', () => {
  const told = new Map<number, readonly string[]>();
  const post = ({ index }: Member, message: ToIdentity): void => {
    if (message.type === 'siblings') told.set(index, message.endpoints.map(formatEndpoint));
    if (message.type === 'peers') dealt.set(index, message.dial.map(({ host, port }) => `${host}:${port}`)); // prettier-ignore
  };
  const team = { post, active: members.slice(0, 2), member: (index: number) => members[index] } as unknown as Team;
  dealer = new PeerDealer({ key: HASH, clock, interfaces: { list: () => [] }, members: members.slice(0, 2) }, team);
  for (const [i, member] of members.slice(0, 2).entries()) {
    member.began(clock.now());
    const endpoint = { host: '10.0.0.1', port: 7000 + i };
    const mapping = { kind: 'mapped', by: 'pcp', host: '192.0.2.1', port: 8000 + i, until: millis(0) } as const;
    member.reported(
      { endpoint, reachability: i === 0 ? mapping : { kind: 'reached', mapping } } as SwarmStatus,
      millis(1000),
    );
  }
  dealer.found(
    foundBy(
      'tracker',
      [8000, 8001, 8002].map((port) => ({ host: '192.0.2.1', port })),
    ),
  );
  dealer.deal();
  expect(told.get(0)).toEqual(['10.0.0.1:7001', '192.0.2.1:8001']);
  expect(told.get(1)).toEqual(['10.0.0.1:7000', '192.0.2.1:8000']);
  expect(new Set([...dealt.values()].flat())).toEqual(new Set(['192.0.2.1:8002']));
});

test('of whom nobody knows a peer is told nothing, and no timer runs for it', async () => {
  members[0]!.began(clock.now());
  dealer.forget(members[0]!.index);
  dealer.introduce();
  dealer.deal();
  await clock.advance(millis(5000));
  expect(dealt.size).toBe(0);
  dealer.found(peers(1));
  await clock.advance(millis(100));
  expect(dealt.get(0)).toHaveLength(1);
});

test('one whose peers are all gone is told so', async () => {
  members[0]!.began(clock.now());
  dealer.found(peers(1));
  await clock.advance(millis(100));
  members[0]!.reported({ endpoint: { host: '10.9.0.0', port: 1 } } as SwarmStatus, clock.now());
  dealer.introduce();
  await clock.advance(millis(200));
  expect(dealt.get(0)).toEqual([]);
});

describe('while processes start', () => {
  test('the first that is ready dials everyone, at once', async () => {
    members[0]!.began(clock.now());
    dealer.introduce();
    dealer.deal();
    dealer.found(peers(16));
    await clock.advance(millis(1));
    expect(dealt.get(0)).toHaveLength(16);
  });

  test('one that comes later takes nobody away who is about to answer', async () => {
    dealer.found(peers(8));
    members[0]!.began(clock.now());
    dealer.deal();
    members[1]!.began(clock.now());
    dealer.forget(members[1]!.index);
    dealer.deal();
    expect(dealt.get(0)).toHaveLength(8);
    expect(dealt.get(1)).toEqual([]);
    await clock.advance(millis(5000));
    dealer.deal();
    expect([dealt.get(0)?.length, dealt.get(1)?.length]).toEqual([4, 4]);
  });

  test('one that comes later dials those whom nobody has reached', async () => {
    dealer.found(peers(4));
    members[0]!.began(clock.now());
    dealer.deal();
    connectAll(members[0]!);
    dealer.found(peers(6, 4));
    dealer.deal();
    await clock.advance(millis(5000));
    members[1]!.began(clock.now());
    dealer.forget(members[1]!.index);
    dealer.deal();
    expect(dealt.get(0)).toHaveLength(5);
    expect(dealt.get(0)).toEqual(expect.arrayContaining(peers(4).map(({ host }) => host)));
    expect(dealt.get(1)).toHaveLength(5);
  });

  test('those known before anybody was ready have their time to answer, too', () => {
    dealer.found(peers(8));
    dealer.deal();
    members[0]!.began(clock.now());
    dealer.forget(members[0]!.index);
    dealer.deal();
    members[1]!.began(clock.now());
    dealer.forget(members[1]!.index);
    dealer.deal();
    expect([dealt.get(0)?.length, dealt.get(1)?.length]).toEqual([8, 0]);
  });

  test('at another address nobody dials for it', () => {
    members[1] = new Member(identityIndex(1), 'peer 1' as PeerId, 1, { address: '10.0.0.2' });
    members[0]!.began(clock.now());
    dealer.found(peers(4));
    dealer.deal();
    members[1].began(clock.now());
    dealer.forget(members[1].index);
    dealer.deal();
    expect(dealt.get(0)).toHaveLength(4);
  });
});

test('dealt to everyone, each may dial all, and nobody gives any up', () => {
  const team = { post: () => {}, member: (index: number) => members[index], active: members } as unknown as Team;
  const post = ({ index }: Member, message: ToIdentity): void => {
    if (message.type === 'peers') dealt.set(index, message.dial.map(({ host }) => host)); // prettier-ignore
    if (message.type === 'give-up-peers') given.push([index, message.count]);
  };
  const options = { key: HASH, clock, interfaces: { list: () => [] }, members, dealing: 'everyone' };
  dealer = new PeerDealer(options, Object.assign(team, { post }));
  for (const member of members) member.began(clock.now());
  dealer.found(peers(8));
  dealer.deal();
  expect([0, 1, 2, 3].map((i) => dealt.get(i)?.length)).toEqual([8, 8, 8, 8]);
  connectAll(members[0]!);
  dealer.evenOut(true);
  expect(given).toEqual([]);
});

describe('those that came late', () => {
  beforeEach(() => {
    dealer.found(peers(16));
    members[0]!.began(clock.now());
    dealer.deal();
    connectAll(members[0]!);
  });

  test('those that have none get two each, from the one that has many', () => {
    for (const member of members) member.began(clock.now());
    dealer.evenOut(false);
    expect(given).toEqual([[0, 6]]);
    for (const host of dealt.get(0)?.slice(10) ?? []) {
      members[0]!.connection({ host, port: 1 }, false);
      dealer.connectionsChanged(`${host}:1`);
    }
    dealer.deal();
    expect([1, 2, 3].map((i) => dealt.get(i)?.length)).toEqual([2, 2, 2]);
    expect(dealt.get(0)).toHaveLength(10);
    given = [];
    dealer.evenOut(false);
    expect(given).toEqual([]);
  });

  test('those that came by themselves do not count: nobody could dial them', () => {
    for (const member of members) member.began(clock.now());
    for (const peer of members[0]!.connected.values()) members[0]!.connection(peer, false);
    for (const [i, { host }] of peers(9, 100).entries()) members[0]!.connection({ host, port: i + 5 }, true);
    dealer.connectionsChanged();
    dealer.evenOut(true);
    expect(given).toEqual([]);
  });

  test('whoever gave some up is told anew what it keeps', () => {
    for (const member of members) member.began(clock.now());
    dealer.evenOut(true);
    dealt.clear();
    dealer.connectionsChanged();
    dealer.deal();
    expect(dealt.get(0)).toHaveLength(16);
  });

  test('those that are ready need not wait for those that still start', () => {
    members[1]!.began(clock.now());
    dealer.evenOut(false);
    expect(given).toEqual([[0, 2]]);
  });

  test('one that died has its peers kept for it', () => {
    members[0]!.died(clock.now(), clock.wall(), false);
    for (const member of members.slice(1)) member.began(clock.now());
    dealer.connectionsChanged();
    dealer.deal();
    members[0]!.began(clock.now());
    dealer.forget(members[0]!.index);
    dealer.deal();
    expect(dealt.get(0)?.length).toBeGreaterThan(0);
  });
});
