import { describe, expect, test } from 'vitest';
import { identityIndex, type TorrentKey } from '../../base/ids.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { SimProcessHost } from '../../sim/process-host.ts';
import { IdentityPool } from './identity-pool.ts';

const HASH = 'a'.repeat(40) as TorrentKey;

/** A pool whose processes say that they are ready when the test lets them. */
function world(atOnce: number) {
  const clock = new VirtualClock();
  const ready: (() => void)[] = [];
  const up: number[] = [];
  const host = new SimProcessHost(clock, {
    identity: (port) => {
      ready.push(() => port.post({ type: 'ready', version: MESSAGES_VERSION }));
      port.onMessage((message) => {
        if ((message as { type: string }).type === 'stop') port.exit(0);
      });
    },
    worker: () => {},
  });
  const pool = new IdentityPool(host, clock, atOnce, {
    up: (index) => up.push(index),
    down: () => {},
    message: () => {},
    cookie: '',
    warn: () => {},
  });
  return { clock, host, pool, ready, up };
}

describe('processes that start', () => {
  test('are the first alone, then no more at once than the machine can start, in order', async () => {
    const { clock, pool, ready, up } = world(2);
    for (let i = 0; i < 5; i++) pool.acquire(identityIndex(i), HASH);
    await clock.advance(100);
    expect(ready).toHaveLength(1);
    ready[0]?.();
    // It dials, and says what it wants of whom.
    await clock.advance(90);
    expect(up).toEqual([0]);
    expect(ready).toHaveLength(1);
    await clock.advance(60);
    expect(ready).toHaveLength(3);
    ready[1]?.();
    await clock.advance(100);
    expect(ready).toHaveLength(4);
    for (let i = 2; i < 5; i++) {
      ready[i]?.();
      await clock.advance(100);
    }
    expect(up).toEqual([0, 1, 2, 3, 4]);
    await clock.resolve(pool.close(1000 as never));
  });

  test('do not wait for the head start of the first where peers have a place for them alone', async () => {
    const { clock, pool, ready, up } = world(2);
    pool.warm(5);
    for (let i = 0; i < 5; i++) pool.acquire(identityIndex(i), HASH, i !== 1);
    await clock.advance(100);
    expect(ready).toHaveLength(1);
    ready[0]?.();
    await clock.advance(10);
    // Identities 2 and 3: as many as the machine starts at once.
    expect(ready).toHaveLength(3);
    ready[1]?.();
    ready[2]?.();
    await clock.advance(10);
    expect(up).toEqual([0, 2, 3]);
    expect(ready).toHaveLength(4);
    await clock.advance(100);
    expect(ready).toHaveLength(5);
    await clock.resolve(pool.close(1000 as never));
  });

  test('nor for the first at all where the machine has a core for each', async () => {
    const { clock, pool, ready, up } = world(4);
    pool.warm(5);
    for (let i = 0; i < 5; i++) pool.acquire(identityIndex(i), HASH, i !== 1);
    await clock.advance(10);
    // One core is left to the coordinator.
    expect(ready).toHaveLength(3);
    for (const one of ready.splice(0)) one();
    await clock.advance(10);
    expect(up).toEqual([0, 2, 3]);
    await clock.resolve(pool.close(1000 as never));
  });

  test('make way for the next where they die on the way', async () => {
    const { clock, host, pool, ready } = world(1);
    pool.acquire(identityIndex(0), HASH);
    pool.acquire(identityIndex(1), HASH);
    await clock.advance(100);
    expect(ready).toHaveLength(1);
    host.started[0]?.crash();
    await clock.advance(100);
    expect(ready).toHaveLength(2);
    await clock.resolve(pool.close(1000 as never));
  });

  test('that were warmed and are not wanted end', async () => {
    const { clock, host, pool } = world(1);
    pool.warm(3);
    await clock.advance(10_000);
    expect(host.started.some(({ running }) => running)).toBe(false);
    expect(pool.running()).toEqual([]);
  });

  test('are warmed again after they ended, and stay for those who took them', async () => {
    const { clock, host, pool, ready } = world(2);
    pool.warm(1);
    await clock.advance(10);
    ready[0]?.();
    await clock.advance(10_000);
    expect(pool.running()).toEqual([]);
    pool.warm(2);
    await clock.advance(10);
    // The first one is alone again.
    expect(host.started).toHaveLength(2);
    ready[1]?.();
    await clock.advance(150);
    ready[2]?.();
    pool.acquire(identityIndex(0), HASH);
    pool.warm(2);
    await clock.advance(10_000);
    expect(pool.running()).toEqual([0]);
    await clock.resolve(pool.close(1000 as never));
  });

  test('and die before the first is ready make way one by one', async () => {
    const { clock, host, pool } = world(4);
    for (let i = 0; i < 4; i++) pool.acquire(identityIndex(i), HASH);
    await clock.advance(10);
    host.started[0]?.crash();
    await clock.advance(10);
    expect(host.started.filter(({ running }) => running)).toHaveLength(1);
    await clock.resolve(pool.close(1000 as never));
  });
});
