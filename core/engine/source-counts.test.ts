import { expect, test } from 'vitest';
import { sourceCounts } from './source-counts.ts';

test('what each source named and how many of its peers are connected; those that gave nothing are left out', () => {
  const dht = { kind: 'dht', state: 'waiting', nodes: 60, announced: 8, found: 30 } as const;
  const counts = sourceCounts({
    sources: [{ kind: 'tracker', found: 0, trackers: [] }, dht, { kind: 'pex', found: 4 }],
    connected: { incoming: 2, dht: 3, user: 1 },
  });
  expect(counts).toEqual({
    user: { found: 0, connected: 1 },
    dht: { found: 30, connected: 3 },
    pex: { found: 4, connected: 0 },
    incoming: { found: 0, connected: 2 },
  });
  expect(sourceCounts({ sources: [], connected: {} })).toEqual({});
});
