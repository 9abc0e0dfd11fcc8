import { describe, expect, it, vi } from 'vitest';
import { millis } from '../base/ids.ts';
import type { SourceStatus, TrackerStatus } from '../engine/statuses.ts';
import { BothSwarms } from './both-swarms.ts';
import type { PeerSource, SourceNeeds } from './peer-source.ts';

function source(status: SourceStatus) {
  return {
    kind: 'tracker' as const,
    start: vi.fn(),
    stop: vi.fn(() => Promise.resolve()),
    announceNow: vi.fn(),
    moved: vi.fn(),
    completed: vi.fn(),
    retuned: vi.fn(),
    status: () => status,
  } satisfies PeerSource;
}

const NEEDS: SourceNeeds = {
  complete: () => false,
  peerCount: () => 0,
  totals: () => ({ uploaded: 0, downloaded: 0, left: 0 }),
  found: () => {},
};

const trackers = (found: number, ...list: TrackerStatus[]): SourceStatus => ({
  kind: 'tracker',
  found,
  trackers: list,
});
const tracker = (changes: Partial<TrackerStatus>): TrackerStatus => ({
  url: 'http://t/',
  tier: 0,
  state: 'working',
  ...changes,
});
const dht = (changes: Partial<Extract<SourceStatus, { kind: 'dht' }>>): SourceStatus => ({
  kind: 'dht',
  state: 'waiting',
  nodes: 0,
  announced: 0,
  found: 0,
  ...changes,
});

describe('a source of peers in both swarms of a hybrid', () => {
  it('does in each whatever it is told', async () => {
    const [one, other] = [source(trackers(0)), source(trackers(0))];
    const both = new BothSwarms(one, other);
    both.start();
    both.announceNow();
    both.moved();
    both.completed();
    both.retuned();
    await both.stop();
    for (const method of ['start', 'announceNow', 'moved', 'completed', 'retuned', 'stop'] as const) {
      expect([method, one[method].mock.calls.length, other[method].mock.calls.length]).toEqual([method, 1, 1]);
    }
  });

  it('tells of whom it finds in the swarm of version 2 that they know that hash', () => {
    const found = vi.fn<SourceNeeds['found']>();
    const peer = { host: '10.0.0.1', port: 1, unsure: true };
    const find = (_: string, needs: SourceNeeds) => (needs.found('dht', [peer]), source(trackers(0)));
    BothSwarms.of(['v1', 'v2'], { ...NEEDS, found }, find);
    BothSwarms.of(['v2'], { ...NEEDS, found }, find);
    const plain = ['dht', [peer]];
    expect(found.mock.calls).toEqual([plain, ['dht', [{ ...peer, v2: true }]], plain]);
  });

  it('of a torrent with one hash is the plain source', () => {
    const plain = source(trackers(0));
    expect(BothSwarms.of(['v1'], NEEDS, () => plain)).toEqual([plain]);
    expect(BothSwarms.of([], NEEDS, () => plain)).toEqual([]);
    const made: string[] = [];
    const [both] = BothSwarms.of(['v1', 'v2'], NEEDS, (hash) => (made.push(hash), plain));
    expect([made, both]).toEqual([['v1', 'v2'], expect.any(BothSwarms)]);
  });

  it.each<[string, SourceStatus, SourceStatus, SourceStatus]>([
    [
      'the tracker that answers, the larger numbers, the next announce',
      trackers(3, tracker({ state: 'failed', message: 'no', seeds: 7, next: millis(9) })),
      trackers(5, tracker({ seeds: 2, leechers: 1, next: millis(4) })),
      trackers(5, tracker({ seeds: 7, leechers: 1, next: millis(4) })),
    ],
    [
      'trackers in the order of the first',
      trackers(0, tracker({ url: 'a' }), tracker({ url: 'b' })),
      trackers(0, tracker({ url: 'b', seeds: 1 }), tracker({ url: 'a' })),
      trackers(0, tracker({ url: 'a' }), tracker({ url: 'b', seeds: 1 })),
    ],
    [
      'a search under way',
      dht({ nodes: 8, announced: 1, found: 2, last: millis(5), next: millis(60) }),
      dht({ state: 'searching', nodes: 3, announced: 4 }),
      dht({ state: 'searching', nodes: 8, announced: 4, found: 2, last: millis(5), next: millis(60) }),
    ],
    ['a DHT that is off', dht({ state: 'off' }), dht({ state: 'off' }), dht({ state: 'off' })],
    [
      'the local network',
      { kind: 'lsd', found: 1, next: millis(7) },
      { kind: 'lsd', found: 0, next: millis(3) },
      { kind: 'lsd', found: 1, next: millis(3) },
    ],
  ])('shows %s', (_, one, other, shown) => {
    expect(new BothSwarms(source(one), source(other)).status()).toEqual(shown);
  });
});
