import { expect, test } from 'vitest';
import { bytes, bytesPerSecond, identityIndex, millis } from '../../base/ids.ts';
import type { IdentitySnapshot } from '../../engine/engine.ts';
import { identityView } from './identity-view.ts';
import { fakeOptions } from '../../engine/testing/moving-download.ts';

const MIB = 1 << 20;

function identity(change: Partial<IdentitySnapshot>): IdentitySnapshot {
  return {
    index: identityIndex(0),
    state: 'downloading',
    pieces: 3,
    held: 3,
    rate: { down: bytesPerSecond(MIB), up: bytesPerSecond(0) },
    downloaded: bytes(0),
    uploaded: bytes(0),
    wasted: bytes(0),
    peers: 2,
    seeds: 1,
    punched: 0,
    claimed: 8,
    reachability: { kind: 'unknown' },
    sources: {},
    active: millis(12_345),
    restarts: 0,
    ...change,
  };
}

test.each([
  ['shares move: it leaves with the others', 'rarest', 61_234, {}, 61_000],
  ['shares move, and it has claimed nothing at the moment', 'rarest', 61_234, { claimed: 0 }, 61_000],
  ['shares move, and nobody knows how long it takes', 'random', undefined, {}, null],
  ['a range of its own', 'fixed', 61_234, {}, 8000],
  [
    'a range of its own, and nothing comes',
    'fixed',
    61_234,
    { rate: { down: bytesPerSecond(0), up: bytesPerSecond(0) } },
    null,
  ],
  ['it has left', 'rarest', 61_234, { state: 'left' }, null],
] as const)('time left of an identity: %s', (_name, selection, all, change, expected) => {
  const options = fakeOptions({ selection });
  const download = { pieceLength: MIB, options, ...(all === undefined ? {} : { timeLeft: millis(all) }) };
  const view = identityView(download, identity(change), { interfaceName: 'eth0', kind: 'wired' });
  expect(view.timeLeft).toBe(expected);
  expect(view).toMatchObject({ pieces: 3, active: 12_000, interfaceName: 'eth0', linkKind: 'wired' });
});

test('an address of another machine is not looked for among the interfaces of this one', () => {
  const download = { pieceLength: MIB, options: fakeOptions({}) };
  const other = identity({ machine: 2, address: '10.0.0.1', interfaceName: 'wg0', linkKind: 'vpn' });
  const here = { interfaceName: 'eth0', kind: 'wired' } as const;
  expect(identityView(download, other, here)).toMatchObject({ interfaceName: 'wg0', linkKind: 'vpn' });
  const silent = identity({ machine: 2, address: '10.0.0.1' });
  expect(identityView(download, silent, here)).toMatchObject({ interfaceName: null, linkKind: null });
});
