import { describe, expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { planAnnounce, type AnnounceSnapshot } from './announce-plan.ts';

const minutes = (n: number): number => n * 60_000;

function plan(over: Partial<Record<keyof AnnounceSnapshot, unknown>>): { at: number; numWant: number } {
  return planAnnounce({
    now: millis(minutes(100)),
    lastAt: millis(minutes(90)),
    interval: millis(minutes(30)),
    minInterval: undefined,
    complete: false,
    peers: 30,
    minPeers: 20,
    maxPeers: 80,
    event: undefined,
    ...(over as Partial<AnnounceSnapshot>),
  });
}

describe('planAnnounce', () => {
  test.each([
    { name: 'regular: at the interval', over: {}, at: 120 },
    { name: 'few peers: after five minutes', over: { peers: 19 }, at: 95 },
    { name: 'no peers: no sooner', over: { peers: 0 }, at: 95 },
    { name: 'a seed without peers: at the interval', over: { peers: 0, complete: true }, at: 120 },
    {
      name: 'a seed without peers: at the interval, whatever the tracker allows',
      over: { peers: 0, complete: true, minInterval: minutes(12) },
      at: 120,
    },
    { name: 'completed, though nothing is left: at once', over: { event: 'completed', complete: true }, at: 100 },
    { name: 'few peers: when the tracker allows', over: { peers: 19, minInterval: minutes(12) }, at: 102 },
    { name: 'no peers: not before the tracker allows', over: { peers: 0, minInterval: minutes(12) }, at: 102 },
    { name: 'few peers and a short interval', over: { peers: 3, interval: minutes(2) }, at: 92 },
    { name: 'a least interval over the interval', over: { minInterval: minutes(45) }, at: 135 },
    { name: 'a least interval over the interval, few peers', over: { peers: 3, minInterval: minutes(45) }, at: 135 },
    { name: 'started: at once', over: { event: 'started', lastAt: undefined }, at: 100 },
    { name: 'completed: at once', over: { event: 'completed', minInterval: minutes(45) }, at: 100 },
    { name: 'stopped: at once', over: { event: 'stopped' }, at: 100 },
    { name: 'no answer yet: at once', over: { lastAt: undefined }, at: 100 },
  ])('$name', ({ over, at }) => {
    expect(plan(over).at).toBe(minutes(at));
  });

  test.each([
    { name: 'as many as are lacking', over: {}, numWant: 50 },
    { name: 'not too few at a time', over: { peers: 79 }, numWant: 30 },
    { name: 'not too many', over: { maxPeers: 1000 }, numWant: 200 },
    { name: 'none when there are enough', over: { peers: 80 }, numWant: 0 },
    { name: 'none at the end', over: { peers: 0, event: 'stopped' }, numWant: 0 },
  ])('asks for $name', ({ over, numWant }) => {
    expect(plan(over).numWant).toBe(numWant);
  });
});
