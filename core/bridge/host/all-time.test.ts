import { expect, test } from 'vitest';
import { bytes, millis, type TorrentKey } from '../../base/ids.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Statistics } from '../../engine/statistics-kept.ts';
import { AllTime } from './all-time.ts';

interface Moved {
  readonly key: TorrentKey;
  readonly downloaded: number;
  readonly uploaded: number;
}
const one = (key: string, downloaded: number, uploaded: number): Moved => ({
  key: key as TorrentKey,
  downloaded,
  uploaded,
});

function counting(list: Moved[], kept?: Statistics) {
  let now = 1000;
  const written: Statistics[] = [];
  const statistics = { kept, keep: (news: Statistics) => Promise.resolve(void written.push(news)) };
  const engine = { downloads: () => list } as unknown as Engine;
  const clock = { now: () => millis(now), wall: () => millis(now), every: () => ({ cancel: () => {} }) };
  const allTime = new AllTime({ engine, clock, statistics });
  return {
    allTime,
    written,
    pass: (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        now += 1000;
        allTime.everySecond(list);
      }
    },
  };
}

test('what downloads have moved that went is not lost, also in the next run', () => {
  const list = [one('a', 100, 10)];
  const first = counting(list);
  list[0] = one('a', 150, 10);
  list.push(one('b', 5, 0));
  first.pass(3);
  list.shift();
  first.pass(2);
  list[0] = one('b', 9, 7);
  expect(first.allTime.now).toEqual({
    run: { downloaded: 59, uploaded: 7, added: 1, starts: 1, active: 5000 },
    all: { downloaded: 159, uploaded: 17, added: 2, starts: 1, active: 5000 },
  });
  const second = counting([one('b', 9, 7)], first.allTime.now.all);
  second.pass(1);
  expect(second.allTime.now.all).toEqual({ downloaded: 159, uploaded: 17, added: 2, starts: 2, active: 6000 });
});

test('a download that begins anew takes nothing away', () => {
  const list = [one('a', 100, 10)];
  const { allTime, pass } = counting(list, {
    downloaded: bytes(1),
    uploaded: bytes(1),
    added: 1,
    starts: 1,
    active: millis(0),
  });
  list[0] = one('a', 0, 0);
  pass(1);
  list[0] = one('a', 4, 0);
  expect(allTime.now.all).toMatchObject({ downloaded: 5, uploaded: 1 });
});

test('it is kept once a minute', () => {
  const { written, pass } = counting([one('a', 1, 1)]);
  pass(150);
  expect(written.map(({ active }) => active)).toEqual([60_000, 120_000]);
});
