import { describe, expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { dueLocalAnnounces, type LocalTorrent, nextLocalAnnounce } from './local-announces.ts';

const never = -Infinity;
const torrent = (changes: Partial<LocalTorrent<string>> = {}): LocalTorrent<string> => ({
  id: 'a',
  announcedAt: never,
  notBefore: 0,
  asked: false,
  ...changes,
});

describe('local announces', () => {
  test.each([
    ['at the start', {}, 0, 0],
    ['not before its turn', { notBefore: 4_000 }, 0, 4_000],
    ['every five minutes', { announcedAt: 10_000 }, 0, 310_000],
    ['sooner where somebody asks, but once a minute', { announcedAt: 10_000, asked: true }, 0, 70_000],
    ['a minute after the one before it', { sibling: { at: 10_000, identity: 3 } }, 4, 70_000],
    ['and a turn later for each between them', { sibling: { at: 10_000, identity: 3 } }, 7, 79_000],
    ['after the last one the first', { sibling: { at: 10_000, identity: 31 } }, 0, 70_000],
    ['last of all the one before', { sibling: { at: 10_000, identity: 3 } }, 2, 160_000],
    ['its own time if later', { announcedAt: 10_000, sibling: { at: 20_000, identity: 0 } }, 1, 310_000],
    ['if the sibling was before', { announcedAt: 10_000, sibling: { at: 5_000, identity: 0 } }, 2, 310_000],
    ['a minute after a sibling', { announcedAt: 10_000, sibling: { at: 300_000, identity: 0 } }, 1, 360_000],
  ])('%s', (_, changes, self, at) => {
    expect(nextLocalAnnounce(torrent(changes), self)).toBe(at);
  });

  test('of many torrents two a second, those that waited longest first', () => {
    const many = Array.from({ length: 50 }, (_, i) => torrent({ id: `${i}`, notBefore: 1_000 - i }));
    expect(dueLocalAnnounces(many, millis(10_000), 0)).toEqual(['49', '48']);
    expect(dueLocalAnnounces(many, millis(951), 0)).toEqual(['49']);
    expect(dueLocalAnnounces(many, millis(900), 0)).toEqual([]);
  });
});
