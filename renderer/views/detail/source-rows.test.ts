import { describe, expect, test } from 'vitest';
import { type IdentityIndex, identityIndex, millis } from '../../../core/base/ids.ts';
import type { DhtNodeView, IdentityView, TrackerView, WayView } from '../../../core/bridge/views.ts';
import type { SourceCounts } from '../../../core/engine/source-counts.ts';
import { testDownload } from '../../testing/download.ts';
import { type RowsInput, sourceRows } from './source-rows.ts';

const identity = (
  index: number,
  sources: SourceCounts = {},
  address: string | null = `10.0.0.${index}`,
): IdentityView => ({ index: identityIndex(index), address, sources }) as IdentityView;
const dht = (
  index: number,
  state: 'off' | 'joining' | 'searching' | 'waiting',
  next: number | null = null,
): WayView => ({
  kind: 'dht',
  identity: identityIndex(index),
  state,
  nodes: 60,
  announced: 8,
  next: next === null ? null : millis(next),
});
const lsd = (index: number): WayView => ({ kind: 'lsd', identity: identityIndex(index), next: millis(5000) });
const pex = (index: number): WayView => ({ kind: 'pex', identity: identityIndex(index) });
const node = (address: string, nodes: number): DhtNodeView => ({
  address,
  port: 1,
  family: address.includes(':') ? 6 : 4,
  state: 'joined',
  nodes,
  readOnly: false,
  externalAddress: null,
});
const tracker = (index: number, url: string, state: TrackerView['state'], next: number | null): TrackerView => ({
  identity: identityIndex(index),
  url,
  tier: 0,
  state,
  message: null,
  seeds: null,
  leechers: null,
  next: next === null ? null : millis(next),
});

function rows(input: {
  readonly ways?: readonly WayView[];
  readonly trackers?: readonly TrackerView[];
  readonly nodes?: readonly DhtNodeView[];
  readonly identities?: readonly IdentityView[];
  readonly allowed?: Partial<RowsInput['ways']>;
  readonly isPrivate?: boolean;
}) {
  const { ways = [], trackers = [], nodes = [], identities = [identity(0), identity(1)] } = input;
  return sourceRows({
    sources: { ways, trackers, webSeeds: [], nodes },
    identities,
    download: testDownload({ private: input.isPrivate ?? false }),
    ways: { dht: true, pex: true, lsd: true, ...input.allowed },
  });
}
const only = (kind: string, all: ReturnType<typeof rows>) => all.filter((row) => row.kind === kind);

describe('the sources of a download', () => {
  test('each has a line, with the sum of what it gave', () => {
    const counts = (found: number): SourceCounts => ({
      tracker: { found, connected: 1 },
      dht: { found: 2 * found, connected: 3 },
      incoming: { found: 0, connected: 2 },
    });
    const all = rows({
      ways: [dht(0, 'waiting'), pex(0), lsd(0), dht(1, 'waiting'), pex(1), lsd(1)],
      identities: [identity(0, counts(5)), identity(1, counts(6))],
    });
    expect(all.map(({ kind, identity: whose, found, connected }) => [kind, whose, found, connected])).toEqual([
      ['tracker', null, 11, 2],
      ['dht', null, 22, 6],
      ['pex', null, 0, 0],
      ['lsd', null, 0, 0],
      ['incoming', null, null, 4],
    ]);
  });

  test('trackers: how many of them work for anybody, and who is asked next', () => {
    const trackers = [
      tracker(0, 'a', 'working', 9000),
      tracker(1, 'a', 'failed', 3000),
      tracker(0, 'b', 'failed', null),
      tracker(1, 'b', 'idle', null),
    ];
    expect(rows({ trackers })[0]).toMatchObject({ state: { word: 'trackers', working: 1, total: 2 }, next: 3000 });
    expect(rows({})[0]).toMatchObject({ state: { word: 'none' }, next: null });
  });

  test.each<[string, IdentityIndex[] | 'together', WayView[]]>([
    ['both wait', 'together', [dht(0, 'waiting'), dht(1, 'waiting')]],
    ['one searches, one waits', 'together', [dht(0, 'searching'), dht(1, 'waiting')]],
    ['both look for nodes', 'together', [dht(0, 'joining'), dht(1, 'joining')]],
    ['one looks for nodes', [0, 1].map(identityIndex), [dht(0, 'waiting'), dht(1, 'joining')]],
  ])('identities that differ have lines of their own: %s', (_, whose, ways) => {
    expect(only('dht', rows({ ways })).map((row) => row.identity)).toEqual(whose === 'together' ? [null] : whose);
  });

  test('the DHT: nodes by family at the addresses of the identities, and the next search', () => {
    const nodes = [node('10.0.0.0', 100), node('10.0.0.1', 20), node('10.9.9.9', 4000), node('fd00::1', 7)];
    const ways = [dht(0, 'waiting', 8000), dht(1, 'waiting', 2000)];
    expect(only('dht', rows({ ways, nodes }))[0]).toMatchObject({
      state: { word: 'joined', known: { 4: 120, 6: 0 }, answered: 120, announced: 16 },
      next: 2000,
    });
    // An identity without an address of its own uses them all.
    const identities = [identity(0, {}, null)];
    expect(only('dht', rows({ ways: [dht(0, 'waiting')], nodes, identities }))[0]).toMatchObject({
      state: { known: { 4: 4120, 6: 7 } },
    });
  });

  test('a search that waits until its node knows others is no search yet', () => {
    const nodes: readonly DhtNodeView[] = [{ ...node('10.0.0.0', 0), state: 'joining' }, node('10.0.0.1', 30)];
    const ways = [dht(0, 'searching'), dht(1, 'searching')];
    expect(only('dht', rows({ ways, nodes })).map(({ identity: whose, state }) => [whose, state?.word])).toEqual([
      [0, 'joining'],
      [1, 'searching'],
    ]);
  });

  test('what is switched off is said to be, whoever did it', () => {
    const ways = [dht(0, 'waiting'), pex(0), lsd(0)];
    const off = { word: 'off' };
    expect(only('lsd', rows({ ways, allowed: { lsd: false } }))[0]).toMatchObject({ state: off, next: null });
    expect(only('dht', rows({ ways: [dht(0, 'off'), dht(1, 'off')] }))[0]).toMatchObject({ state: off });
    expect(only('pex', rows({ ways: [] }))[0]).toMatchObject({ state: off });
  });

  test('of a private torrent there are the trackers, and whoever came by himself', () => {
    const identities = [identity(0, { incoming: { found: 0, connected: 1 } })];
    expect(rows({ identities, isPrivate: true }).map(({ kind }) => kind)).toEqual(['tracker', 'incoming']);
  });
});
