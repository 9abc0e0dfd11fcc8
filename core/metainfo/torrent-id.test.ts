import { expect, test } from 'vitest';
import type { InfoHash, InfoHashV1, InfoHashV2 } from '../base/ids.ts';
import { hashesOf, isSameTorrent, nameOf, swarmHashes, torrentId, type TorrentId } from './torrent-id.ts';

const V1 = '1'.repeat(40) as InfoHashV1;
const V2 = '2'.repeat(64) as InfoHashV2;
const key = (hash: InfoHash): string => hash;

test('a torrent of version 1 and a hybrid go by their hash of version 1, as ever', () => {
  expect(torrentId({ v1: V1 })).toEqual({ key: key(V1), v1: V1 });
  expect(torrentId({ v1: V1, v2: V2 })).toEqual({ key: key(V1), v1: V1, v2: V2 });
});

test('one of version 2 alone goes by its whole hash, and is known to others by 20 bytes of it', () => {
  expect(torrentId({ v2: V2 })).toEqual({ key: key(V2), v2: V2 });
  expect(swarmHashes({ v2: V2 })).toEqual([V2.slice(0, 40)]);
});

test('a hybrid that was known by its other hash first keeps that name, and is in both swarms', () => {
  const id = torrentId({ v1: V1, v2: V2 }, V2);
  expect(id.key).toBe(V2);
  expect(swarmHashes(id)).toEqual([V1, V2.slice(0, 40)]);
});

test('there is no torrent without a hash', () => {
  expect(() => nameOf({})).toThrow('at least one info-hash');
});

test.each<[string, Pick<TorrentId, 'v1' | 'v2'>, Pick<TorrentId, 'v1' | 'v2'>, boolean]>([
  ['the same hash', { v1: V1 }, { v1: V1 }, true],
  ['a hybrid, and what is known of it', { v1: V1, v2: V2 }, { v2: V2 }, true],
  ['nothing in common', { v1: V1 }, { v2: V2 }, false],
  [
    'one hash in common, and another that differs',
    { v1: V1, v2: V2 },
    { v1: V1, v2: '3'.repeat(64) as InfoHashV2 },
    false,
  ],
])('%s', (_, a, b, same) => {
  expect(isSameTorrent(a, b)).toBe(same);
  expect(isSameTorrent(b, a)).toBe(same);
});

test('a hash alone tells its version by its length', () => {
  expect(hashesOf(V1)).toEqual({ v1: V1 });
  expect(hashesOf(V2)).toEqual({ v2: V2 });
});
