import { describe, expect, test } from 'vitest';
import { insideNamespaces } from './namespaces.ts';
import { obstacle, wishesInVain } from './real-world.ts';
import { BUILT_IN } from '../scenario/built-in.ts';
import { readScenario, type ScenarioSource } from '../scenario/read-scenario.ts';

test.each(['darwin', 'win32'])('on %s it says in a sentence what it needs', (platform) => {
  expect(obstacle(platform)).toContain('needs Linux');
});

test('whoever is not root becomes it in a user namespace', () => {
  expect(insideNamespaces(['x'], false)).toContain('--map-root-user');
  expect(insideNamespaces(['x'], true)).not.toContain('--user');
  expect(insideNamespaces(['x', 'y'], true).slice(-2)).toEqual(['x', 'y']);
});

describe('what clients have no setting for is refused, not ignored', () => {
  const A = BUILT_IN.get('A') as ScenarioSource;

  test.each([
    [{ 'leechers.client': 'aria2', 'leechers.severalPerAddress': true }, 'leechers.0.severalPerAddress'],
    [{ 'seeds.client': 'transmission', 'seeds.choking': 'anti-leech' }, 'seeds.0.choking'],
    [{ 'seeds.client': 'ensemble', 'seeds.choking': 'fastest-upload' }, 'seeds.0.choking'],
    [{ latency: 1 }, 'latency'],
    [{ 'leechers.count': 501 }, 'leechers are 501'],
    [{ 'user.client': 'aria2', 'user.K': 2, 'user.selection': 'fixed' }, 'user.client'],
    [{ 'user.client': 'libtorrent', 'user.strategy': 'rarest' }, 'user.strategy'],
    [{ 'user.client': 'libtorrent', 'user.dealing': 'everyone' }, 'user.dealing'],
  ])('%j', (values, what) => {
    const [first, ...more] = wishesInVain(readScenario(A, values));
    expect(first).toContain(what);
    expect(more).toEqual([]);
  });

  test('all is to be had of libtorrent', () => {
    const values = { 'seeds.choking': 'anti-leech', 'leechers.severalPerAddress': true };
    expect(wishesInVain(readScenario(A, values))).toEqual([]);
  });
});
