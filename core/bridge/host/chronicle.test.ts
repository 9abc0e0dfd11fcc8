import { describe, expect, test } from 'vitest';
import { bytesPerSecond, identityIndex, type InfoHashV1, millis } from '../../base/ids.ts';
import { Chronicle } from './chronicle.ts';
import type { DownloadSnapshot, IdentitySnapshot, TrackerSnapshot } from '../../engine/engine.ts';
import { MovingDownload, fakeOptions } from '../../engine/testing/moving-download.ts';

const base = new MovingDownload({
  infoHash: 'a'.repeat(40) as InfoHashV1,
  name: 'film',
  added: millis(0),
  pieces: 200,
  done: 0,
  options: fakeOptions({ identities: 4 }),
}).snapshot();

type Change = Partial<Omit<DownloadSnapshot, 'identities'>> & {
  readonly identities?: readonly Partial<IdentitySnapshot>[];
};

function snapshot(change: Change): DownloadSnapshot {
  const { identities = [], ...rest } = change;
  return {
    ...base,
    peers: 0,
    ...rest,
    identities: base.identities.map((one, i) => ({ ...one, ...identities[i] })),
  };
}

/** What is told of each step, the first one left out. */
function story(...steps: readonly Change[]): string[][] {
  const chronicle = new Chronicle();
  return steps
    .map((change) => chronicle.look(snapshot(change), []).map(({ level, message }) => `${level} ${message}`))
    .slice(1);
}

const have = (n: number): Change => ({ pieces: { have: n, wanted: 200, total: 200, toGo: 200 - n } });
const first = (change: Partial<IdentitySnapshot>): Change => ({ identities: [change] });

/** Each line matches its pattern: the facts that it has to name, not its words. */
function expectLines(told: readonly string[], patterns: readonly RegExp[]): void {
  expect(told).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
}

test('at first: what it does, and where each identity listens', () => {
  const told = new Chronicle().look(snapshot({}), []).map(({ message }) => message);
  expectLines(told, [/download/i, ...[0, 1, 2, 3].map((i) => RegExp(`${i + 1}.*192\\.0\\.2\\.${14 + i}:${6881 + i}`))]);
});

test('where nothing happens nothing is told', () => {
  expect(story({}, {}, {})).toEqual([[], []]);
});

test.each<[string, Change, Change, RegExp[]]>([
  ['a state', {}, { state: 'paused' }, [/^info .*paused/i]],
  [
    'metadata',
    { state: 'metadata', pieces: { have: 0, wanted: 0, total: 0, toGo: 0 } },
    {},
    [/^info .*metadata.*film.*\b200 pieces/, /^info .*download/i],
  ],
  [
    'assembly',
    { state: 'assembling' },
    { state: 'done', result: ['/a', '/b', '/c', '/d', '/e'] },
    [/^info .*verified.*\/a, \/b, \/c and 2 more/, /^info .*done/i],
  ],
  ['a death', {}, first({ restarts: 1, state: 'restarting' }), [/^warn .*identity 1 .*started again/]],
  ['healing', first({ state: 'restarting' }), {}, [/^info Identity 1 .*back/]],
  ['another port', {}, first({ port: 7000 }), [/^info Identity 1 .*192\.0\.2\.14:7000/]],
  ['a share done', {}, first({ state: 'left', pieces: 50 }), [/^info Identity 1 left .*\b50 pieces/]],
  ['a share done, and staying', {}, first({ state: 'sharing', pieces: 1 }), [/^info Identity 1 .*stays.*\b1 piece\b/]],
  ['no address any more', {}, first({ state: 'no-address' }), [/^warn Identity 1 .*address/]],
  ['given up', {}, first({ state: 'given-up' }), [/^warn Identity 1 .*given up/]],
  [
    'a peer from outside',
    first({ reachability: { kind: 'unknown' } }),
    first({ reachability: { kind: 'reached', mapping: { kind: 'unknown' } } }),
    [/^info Identity 1 .*outside/],
  ],
  [
    'a mapped port',
    first({ reachability: { kind: 'unknown' } }),
    first({ reachability: { kind: 'mapped', by: 'upnp', host: '192.0.2.1', port: 7001, until: millis(1) } }),
    [/^info Identity 1 .*192\.0\.2\.1:7001/],
  ],
  [
    'a mapped port of no use',
    first({ reachability: { kind: 'unknown' } }),
    first({ reachability: { kind: 'mapped', by: 'pcp', port: 7001, until: millis(1), note: 'Two routers' } }),
    [/^info Identity 1 .*\b7001\b/, /^warn Identity 1: Two routers/],
  ],
  [
    'no port to be had',
    first({ reachability: { kind: 'unknown' } }),
    first({ reachability: { kind: 'reached', mapping: { kind: 'unmapped', message: 'The router is silent' } } }),
    [/^info Identity 1 .*outside/, /^warn Identity 1: The router is silent/],
  ],
  [
    'a mapping renewed',
    first({ reachability: { kind: 'mapped', by: 'pcp', port: 7001, until: millis(1) } }),
    first({ reachability: { kind: 'mapped', by: 'pcp', port: 7001, until: millis(9) } }),
    [],
  ],
  ['spoilt pieces', {}, { hashFailures: 2 }, [/^warn 2 pieces .*hash/]],
  ['progress', have(19), have(41), [/^info 20% .*41 of 200 pieces/]],
  ['no progress to speak of', have(20), have(39), []],
])('%s', (_, before, after, lines) => {
  const [told = []] = story(before, after);
  expectLines(told, lines);
});

test('states that come and go between two looks are told once', () => {
  const chronicle = new Chronicle();
  chronicle.look(snapshot({}), []);
  const told = (['complete', 'assembling'] as const).flatMap((state) => chronicle.lookAtState(snapshot({ state })));
  expectLines(
    told.map(({ message }) => message),
    [/every.* piece/i, /files/],
  );
  expect(chronicle.look(snapshot({ state: 'assembling' }), [])).toEqual([]);
});

describe('peers', () => {
  const peers = (n: number, seeds = 0): Change => ({
    peers: n,
    identities: [0, 1, 2, 3].map((i) => ({ seeds: i === 0 ? seeds : 0, rate: base.identities[i]!.rate })),
  });

  test('the first at once, later ones in sums and seldom', () => {
    const told = story({}, peers(3), peers(9, 2), ...Array<Change>(12).fill(peers(30, 30))).flat();
    expectLines(told, [/^info 3 peers\b/, /^info 30 peers\b.*\ball\b.*\b3 before/]);
  });

  test('a few more or less of many are no news; that all are gone is', () => {
    const told = story({}, peers(40), ...Array<Change>(30).fill(peers(43)), ...Array<Change>(11).fill({})).flat();
    expectLines(told, [/^info 40 peers\b/, /^info No peer\b/]);
  });
});

test('a tracker that answers is told once for those whom it answers first', () => {
  const chronicle = new Chronicle();
  chronicle.look(snapshot({}), []);
  const answer = (i: number, state: TrackerSnapshot['state'] = 'working', seeds?: number): TrackerSnapshot => ({
    identity: identityIndex(i),
    url: 'https://tracker.example:8443/0123456789abcdef/announce?passkey=secret',
    tier: 0,
    state,
    ...(seeds === undefined ? {} : { seeds, leechers: 1 }),
  });
  const look = (...trackers: TrackerSnapshot[]) => chronicle.look(snapshot({}), trackers).map(({ message }) => message);
  expect(look(answer(0, 'announcing'), answer(1, 'failed'))).toEqual([]);
  // The host alone: a passkey may be anywhere in the rest of the URL.
  expectLines(look(answer(0, 'working', 41), answer(1, 'working', 40), answer(2, 'failed')), [
    /^tracker\.example:8443 [^/?]*\b1 and 2\b[^/?]*\b41 seeds, 1 peer\b[^/?]*$/,
  ]);
  expectLines(look(answer(0), answer(1), answer(2)), [/^tracker\.example:8443 [^/?]*\b3\b[^/?]*$/]);
  expect(look(answer(0), answer(1), answer(2))).toEqual([]);
});

test('a download of an hour fills little of a log', () => {
  const chronicle = new Chronicle();
  let lines = 0;
  for (let second = 0; second < 3600; second++) {
    const rate = { down: bytesPerSecond(second), up: bytesPerSecond(0) };
    const identities = base.identities.map((one) => ({
      pieces: Math.floor(second / 72),
      rate,
      seeds: one.index + (second % 7),
    }));
    const change = { ...have(Math.floor(second / 18)), identities, peers: 40 + ((second * 7) % 13) };
    lines += chronicle.look(snapshot(change), []).length;
  }
  expect(lines).toBeLessThan(400);
});
