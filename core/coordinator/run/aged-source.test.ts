import { expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { agedSource } from './aged-source.ts';

test('times are told as of now, whenever they were heard', () => {
  const at = millis(60_000);
  const working = { url: 'http://t/', tier: 0, state: 'working', seeds: 3, next: millis(90_000) } as const;
  const failed = { url: 'http://u/', tier: 1, state: 'failed', next: millis(1000) } as const;
  const tracker = { kind: 'tracker', found: 2, trackers: [working, failed] } as const;
  const trackers = [
    { ...working, next: 30_000 },
    { ...failed, next: 0 },
  ];
  expect(agedSource(tracker, at)).toEqual({ ...tracker, trackers });
  const dht = {
    kind: 'dht',
    state: 'waiting',
    nodes: 1,
    announced: 1,
    found: 0,
    last: at,
    next: millis(61_000),
  } as const;
  expect(agedSource(dht, at)).toEqual({ ...dht, last: 120_000, next: 1000 });
  // After its announce comes the next one, every five minutes.
  expect(agedSource({ kind: 'lsd', found: 1, next: millis(20_000) }, at)).toEqual({
    kind: 'lsd',
    found: 1,
    next: 260_000,
  });
  for (const same of [
    { kind: 'lsd', found: 1 },
    { kind: 'pex', found: 1 },
  ] as const) {
    expect(agedSource(same, at)).toEqual(same);
  }
});
