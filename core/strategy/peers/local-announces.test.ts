import { describe, expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { dueLocalAnnounces, type LocalTorrent, nextLocalAnnounce } from './local-announces.ts';

const never = -Infinity;
const torrent = (changes: Partial<LocalTorrent<string>> = {}): LocalTorrent<string> => ({
  id: 'a',
  announcedAt: never,
  siblingAt: never,
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
    ['a minute after a sibling, and each in its turn', { siblingAt: 10_000 }, 4_000, 74_000],
    ['its own time where the sibling was before that', { announcedAt: 10_000, siblingAt: 5_000 }, 4_000, 310_000],
    ['a minute after a sibling that was last', { announcedAt: 10_000, siblingAt: 300_000 }, 0, 360_000],
  ])('%s', (_, changes, turn, at) => {
    expect(nextLocalAnnounce(torrent(changes), turn)).toBe(at);
  });

  test('of many torrents two a second, those that waited longest first', () => {
    const many = Array.from({ length: 50 }, (_, i) => torrent({ id: `${i}`, notBefore: 1_000 - i }));
    expect(dueLocalAnnounces(many, millis(10_000), 0)).toEqual(['49', '48']);
    expect(dueLocalAnnounces(many, millis(951), 0)).toEqual(['49']);
    expect(dueLocalAnnounces(many, millis(900), 0)).toEqual([]);
  });
});
