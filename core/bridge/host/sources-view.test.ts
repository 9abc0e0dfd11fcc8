import { expect, test } from 'vitest';
import { identityIndex, millis } from '../../base/ids.ts';
import type { DhtNodeSnapshot, SourceSnapshot } from '../../engine/engine.ts';
import { MOVING_NODES } from '../../engine/testing/moving-sources.ts';
import { sourcesView } from './sources-view.ts';

const identity = identityIndex(1);

test('every field is there, and times are whole seconds, so that little changes from one look to the next', () => {
  const url = 'http://t.example/a';
  const sources: readonly SourceSnapshot[] = [
    { identity, kind: 'tracker', found: 3, trackers: [{ url, tier: 0, state: 'working', next: millis(1400) }] },
    { identity, kind: 'dht', state: 'searching', nodes: 5, announced: 2, found: 9, last: millis(700) },
    { identity, kind: 'pex', found: 4 },
    { identity, kind: 'lsd', found: 0, next: millis(2001) },
  ];
  const { trackers, ways, nodes } = sourcesView(sources, MOVING_NODES);
  expect(trackers).toEqual([
    { identity, url, tier: 0, state: 'working', message: null, seeds: null, leechers: null, next: expect.anything() },
  ]);
  expect(ways).toEqual([
    { identity, kind: 'dht', state: 'searching', nodes: 5, announced: 2, next: null },
    { identity, kind: 'pex' },
    { identity, kind: 'lsd', next: expect.anything() },
  ]);
  for (const { next } of [...trackers, ...ways.filter((way) => way.kind === 'lsd')]) expect((next ?? 1) % 1000).toBe(0);
  expect(nodes[2]).toMatchObject({ state: 'joining', nodes: 0, externalAddress: null });
});

test('traffic of our nodes is no news for a window', () => {
  const busier = MOVING_NODES.map((node): DhtNodeSnapshot => ({ ...node, sent: { messages: 1e6, bytes: 1e9 } }));
  expect(sourcesView([], busier)).toEqual(sourcesView([], MOVING_NODES));
});
