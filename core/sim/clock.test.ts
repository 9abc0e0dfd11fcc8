import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { VirtualClock } from './clock.ts';

describe('VirtualClock', () => {
  test('runs timers by time, then by the order in which they were set', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }), async (delays) => {
        const clock = new VirtualClock();
        const ran: [number, number][] = [];
        delays.forEach((delay, i) => clock.after(millis(delay), () => ran.push([clock.now(), i])));
        await clock.advance(20);
        const expected = delays.map((delay, i): [number, number] => [delay, i]).sort((a, b) => a[0] - b[0]);
        expect(ran).toEqual(expected);
        expect(clock.now()).toBe(20);
      }),
      { numRuns: 30 },
    );
  });

  test('what promises set in motion happens before time goes on', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.after(millis(10), () => {
      void (async () => {
        for (let i = 0; i < 50; i++) await Promise.resolve();
        clock.after(millis(1), () => ran.push(`inner ${clock.now()}`));
      })();
    });
    clock.after(millis(12), () => ran.push(`outer ${clock.now()}`));
    await clock.advance(20);
    expect(ran).toEqual(['inner 11', 'outer 12']);
  });

  test('every repeats until cancelled, also from within itself', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    const timer = clock.every(millis(5), () => {
      at.push(clock.now());
      if (at.length === 3) timer.cancel();
    });
    await clock.advance(100);
    expect(at).toEqual([5, 10, 15]);
    expect(clock.pending).toBe(0);
  });

  test('a cancelled timer never runs', async () => {
    const clock = new VirtualClock();
    let ran = false;
    const timer = clock.after(millis(5), () => (ran = true));
    clock.after(millis(5), () => {});
    timer.cancel();
    await clock.advance(10);
    expect(ran).toBe(false);
  });

  test('cancelling one that has run changes nothing', async () => {
    const clock = new VirtualClock();
    const timer = clock.after(millis(1), () => {});
    clock.every(millis(10), () => {});
    expect(clock.pending).toBe(2);
    await clock.advance(5);
    timer.cancel();
    expect(clock.pending).toBe(1);
  });

  test('cancelled ones leave the others in their order, however many', async () => {
    const clock = new VirtualClock();
    const ran: number[] = [];
    const timers = Array.from({ length: 1000 }, (_, i) =>
      clock.after(millis((i * 7919) % 1000), () => ran.push((i * 7919) % 1000)),
    );
    for (const [i, timer] of timers.entries()) if (i % 5 > 0) timer.cancel();
    for (const timer of timers) if (timers.indexOf(timer) % 5 > 0) timer.cancel();
    expect(clock.pending).toBe(200);
    await clock.advance(1000);
    expect(ran).toHaveLength(200);
    expect(ran).toEqual(ran.toSorted((a, b) => a - b));
    expect(clock.pending).toBe(0);
  });

  test('soon runs without time passing, after the code at hand', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.soon(() => {
      ran.push('first');
      clock.soon(() => ran.push('nested'));
    });
    ran.push('at hand');
    await clock.settle();
    expect(ran).toEqual(['at hand', 'first', 'nested']);
    expect(clock.now()).toBe(0);
  });

  test('runUntil stops at the moment its condition holds', async () => {
    const clock = new VirtualClock();
    let seen = 0;
    clock.every(millis(10), () => seen++);
    expect(await clock.runUntil(() => seen === 3, 1000)).toBe(true);
    expect(clock.now()).toBe(30);
    expect(await clock.runUntil(() => seen === 100, 50)).toBe(false);
    expect(clock.now()).toBe(80);
  });

  test('resolve gives the value, passes the error on, and names a promise that stays open', async () => {
    const clock = new VirtualClock();
    const later = new Promise<string>((resolve) => clock.after(millis(7), () => resolve('done')));
    expect(await clock.resolve(later)).toBe('done');
    await expect(clock.resolve(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(clock.resolve(new Promise(() => {}), 100)).rejects.toThrow('100 ms');
  });

  test('the time of day goes with it', async () => {
    const clock = new VirtualClock(1000);
    await clock.advance(500);
    expect(clock.wall()).toBe(1500);
  });
});
