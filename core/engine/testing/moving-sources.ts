import type { PeerSourceKind } from '../../base/peer-source.ts';
import { identityIndex, millis } from '../../base/ids.ts';
import type { DhtNodeSnapshot, SourceSnapshot } from '../engine.ts';
import { type SourceCounts, sourceCounts } from '../source-counts.ts';
import type { Reachability, SourceStatus } from '../statuses.ts';

const SOURCES: readonly PeerSourceKind[] = ['incoming', 'tracker', 'dht', 'pex', 'tracker', 'dht', 'lsd'];
const UNMAPPED =
  'The router 192.0.2.1 does not answer when it is asked for a port: switch UPnP or NAT-PMP on there, or forward TCP and UDP port 6883 to 192.0.2.16.';

/** Who named the peer of this number. */
export const sourceOf = (peer: number): PeerSourceKind => SOURCES[peer % SOURCES.length] ?? 'tracker';

/** The four kinds, in turn. */
export function reachabilityOf(identity: number): Reachability {
  const mapped = (by: 'pcp' | 'upnp') =>
    ({ kind: 'mapped', by, host: '203.0.113.7', port: 51_413 + identity, until: millis(1.8e12) }) as const;
  const all: readonly Reachability[] = [
    { kind: 'reached', mapping: mapped('upnp') },
    mapped('pcp'),
    { kind: 'unmapped', message: UNMAPPED },
    { kind: 'unknown' },
  ];
  return all[identity % all.length] ?? { kind: 'unknown' };
}

/** How the sources of an identity fare so many seconds after the start. A private torrent has its trackers alone. */
export function sourcesOf(identity: number, seconds: number, isPrivate: boolean): readonly SourceStatus[] {
  const every = (period: number) => millis(1000 * (period - (Math.floor(seconds) % period)));
  const tracker: SourceStatus = {
    kind: 'tracker',
    found: 46 - identity,
    trackers: [
      {
        url: 'udp://tracker.example.org:6969/announce',
        tier: 0,
        state: 'working',
        seeds: 41,
        leechers: 12,
        next: every(1800),
      },
      {
        url: 'https://backup.example.net/announce',
        tier: 1,
        state: 'failed',
        message: 'the name cannot be found',
        next: every(300),
      },
    ],
  };
  if (isPrivate) return [tracker];
  const joining = identity === 2;
  return [
    tracker,
    {
      kind: 'dht',
      state: joining ? 'joining' : 'waiting',
      nodes: joining ? 0 : 64 - identity,
      announced: joining ? 0 : 8,
      found: joining ? 0 : 131 - 3 * identity,
      ...(joining ? {} : { next: every(900) }),
    },
    { kind: 'lsd', found: identity === 0 ? 2 : 0, next: every(300) },
    { kind: 'pex', found: 58 + 2 * identity },
  ];
}

/** The same with the identity, for all of a download. */
export function sourceSnapshotsOf(identities: number, seconds: number, isPrivate: boolean): SourceSnapshot[] {
  return Array.from({ length: identities }, (_, i) => i).flatMap((i) =>
    sourcesOf(i, seconds, isPrivate).map((source) => ({ ...source, identity: identityIndex(i) })),
  );
}

/** What they gave an identity with so many peers. */
export function countsOf(identity: number, peers: number, isPrivate: boolean): SourceCounts {
  const connected: Partial<Record<PeerSourceKind, number>> = {};
  for (let n = 0; n < peers; n++) {
    const source = isPrivate ? 'tracker' : sourceOf(n);
    connected[source] = (connected[source] ?? 0) + 1;
  }
  return sourceCounts({ sources: sourcesOf(identity, 0, isPrivate), connected });
}

/** A node for each family, and one that finds nobody. */
export const MOVING_NODES: readonly DhtNodeSnapshot[] = (
  [
    ['192.0.2.14', 4, 'joined', 214, '203.0.113.7'],
    ['2001:db8::14', 6, 'joined', 83, '2001:db8::14'],
    ['192.0.2.16', 4, 'joining', 0, undefined],
  ] as const
).map(([address, family, state, good, externalAddress], i) => ({
  identity: identityIndex(i),
  address,
  port: 6881 + i,
  family,
  id: `${i}`.repeat(40),
  state,
  nodes: { good, questionable: good >> 3, spare: good >> 2 },
  kept: { torrents: 3 * i, peers: 7 * i },
  ...(externalAddress === undefined ? {} : { externalAddress }),
  readOnly: i === 1,
  sent: { messages: 4210, bytes: 402_000 },
  received: { messages: 3970, bytes: 981_000 },
  muted: 0,
  searches: 0,
  found: 131 * i,
}));
