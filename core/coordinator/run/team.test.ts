import { describe, expect, test } from 'vitest';
import { identityIndex, type TorrentKey, type PeerId } from '../../base/ids.ts';
import type { ToIdentity } from '../../identity/messages.ts';
import { VirtualClock } from '../../sim/clock.ts';
import type { IdentityPool } from '../processes/identity-pool.ts';
import { Member } from './member.ts';
import { Team, type TeamListener } from './team.ts';

const key = 'aa'.repeat(20) as TorrentKey;

function bench() {
  const clock = new VirtualClock();
  const member = new Member(identityIndex(0), 'peer 0' as PeerId, 0, { address: undefined });
  const posted: string[] = [];
  const released: number[] = [];
  const pool = {
    post: (_index: number, { type }: ToIdentity) => posted.push(type) > 0,
    release: (index: number) => released.push(index),
    acquire: () => false,
  };
  const listener = { left: () => {} };
  const team = new Team(key, [member], pool as unknown as IdentityPool, clock, listener as unknown as TeamListener);
  member.began(clock.now());
  let left = false;
  const leaving = team.leave(member).then(() => {
    left = true;
  });
  return { clock, member, team, posted, released, leaving, left: () => left };
}

describe('an identity that leaves', () => {
  test('is waited for as long as it says that it is at it', async () => {
    const { clock, member, team, posted, released, left } = bench();
    expect(posted).toEqual(['leave']);
    for (let i = 0; i < 30; i++) {
      await clock.advance(2000);
      team.received(member, { type: 'leaving', key });
    }
    expect(left()).toBe(false);
    team.received(member, { type: 'left', key, begun: [] });
    await clock.advance(0);
    expect(left()).toBe(true);
    expect(member.phase).toBe('left');
    expect(released).toEqual([0]);
    expect(clock.pending).toBe(0);
  });

  test('and is called back comes when it has left, once, however late it says so again', async () => {
    const { clock, member, team, posted, leaving } = bench();
    team.join(member);
    expect(posted).toEqual(['leave']);
    await clock.advance(7000);
    await leaving;
    expect(member.phase).toBe('waiting');
    team.received(member, { type: 'left', key, begun: [] });
    expect(member.phase).toBe('waiting');
  });

  test('and falls silent is not waited for any longer', async () => {
    const { clock, member, team, left } = bench();
    await clock.advance(4000);
    team.received(member, { type: 'leaving', key });
    await clock.advance(4000);
    expect(left()).toBe(false);
    await clock.advance(3000);
    expect(left()).toBe(true);
    // What it says then comes too late for anybody.
    team.received(member, { type: 'leaving', key });
    expect(clock.pending).toBe(0);
  });

  test('is waited for by all who ask, each as long', async () => {
    const { clock, member, team, left } = bench();
    await clock.advance(3000);
    let second = false;
    void team.leave(member).then(() => {
      second = true;
    });
    await clock.advance(2000);
    team.received(member, { type: 'leaving', key });
    await clock.advance(5000);
    expect([left(), second]).toEqual([false, false]);
    team.received(member, { type: 'left', key, begun: [] });
    await clock.advance(0);
    expect([left(), second]).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });
});
