import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TorrentKey } from '../../base/ids.ts';
import { diffBytes, emptyDetail, mergeDetail } from './merge.ts';
import { HISTORY_SAMPLES, LOG_LINES } from '../patches.ts';
import { LogRecord, SpeedRecord } from '../host/records.ts';
import { nobodyHas, overviewOf } from '../overview.ts';
import { PIECE } from '../../engine/piece-codes.ts';

const HASH = 'a'.repeat(40) as TorrentKey;
const begin = { ...emptyDetail(HASH) };

describe('piece maps', () => {
  test('whatever changes arrives, in ranges', () => {
    const change = fc.tuple(fc.nat(299), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 40 }), { maxLength: 5 }), (rounds) => {
        const map = new Uint8Array(300);
        let told: Uint8Array | undefined;
        let detail = begin;
        rounds.forEach((changes, seq) => {
          for (const [at, code] of changes) map[at] = code;
          const pieces = diffBytes(told, map);
          told = map.slice();
          if (pieces !== undefined) detail = mergeDetail(detail, { key: HASH, seq: seq + 1, pieces });
        });
        if (rounds.length > 0) expect(detail.map?.pieces).toEqual(map);
      }),
    );
  });

  test('one piece of 200,000 costs a few bytes', () => {
    const before = new Uint8Array(200_000);
    const after = before.slice();
    after[123_456] = 3;
    expect(diffBytes(before, after)).toEqual({
      length: 200_000,
      ranges: Uint32Array.of(123_456, 1),
      bytes: Uint8Array.of(3),
    });
    expect(diffBytes(after, after)).toBeUndefined();
  });

  test.each([
    ['a range beyond the end', Uint32Array.of(8, 5), new Uint8Array(5)],
    ['fewer bytes than its ranges say', Uint32Array.of(0, 5), new Uint8Array(2)],
    ['half a range', Uint32Array.of(0), new Uint8Array(2)],
  ])('a patch with %s does no harm', (_, ranges, bytes) => {
    const { map } = mergeDetail(begin, { key: HASH, seq: 1, pieces: { length: 10, ranges, bytes } });
    expect(map?.pieces).toEqual(new Uint8Array(10));
  });

  test('what was known is not written over: a view may still draw it', () => {
    const whole = diffBytes(undefined, new Uint8Array(4));
    const one = mergeDetail(begin, { key: HASH, seq: 0, ...(whole && { pieces: whole }) });
    const pieces = { length: 4, ranges: Uint32Array.of(1, 1), bytes: Uint8Array.of(7) };
    const two = mergeDetail(one, { key: HASH, seq: 1, pieces });
    expect([one.map?.pieces[1], two.map?.pieces[1]]).toEqual([0, 7]);
    expect(two.map?.availability).toBe(one.map?.availability);
  });
});

test('a patch that begins anew forgets what was known', () => {
  const one = mergeDetail(begin, { key: HASH, seq: 0, log: [{ time: 1, level: 'info', message: 'old' }] });
  const two = mergeDetail(one, { key: HASH, seq: 0, peers: [] });
  expect(two).toEqual({ ...emptyDetail(HASH), peers: [] });
});

test('speeds: a window has the same samples as the record, however they are told', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 6 }), (rounds) => {
      const record = new SpeedRecord(2);
      let told = 0;
      let detail = begin;
      let second = 0;
      rounds.forEach((samples, seq) => {
        for (let s = 0; s < samples; s++, second++)
          record.add(second, [
            { down: second, up: 1 },
            { down: 0, up: second },
          ]);
        detail = mergeDetail(detail, { key: HASH, seq, history: record.since(told) });
        told = record.end;
      });
      expect(detail.history).toEqual(record.since(0));
      expect(detail.history?.times.length).toBe(Math.min(second, HISTORY_SAMPLES));
    }),
  );
});

test('logs: the last lines are kept, and told once', () => {
  const record = new LogRecord();
  for (let n = 0; n < LOG_LINES + 20; n++) record.add({ time: n, level: 'info', message: `${n}` });
  expect(record.since(0)).toHaveLength(LOG_LINES);
  expect(record.since(0)[0]?.message).toBe('20');
  expect(record.since(record.end - 3).map(({ message }) => message)).toEqual(['517', '518', '519']);
  expect(record.since(record.end)).toEqual([]);
});

describe('the line in the list', () => {
  const { missing, fetching, unwanted, fromBefore } = PIECE;
  test.each<[string, number[], number[]]>([
    ['four pieces are four cells', [0, missing, 1, 0], [0, 255, missing, 0, 1, 255, 0, 255]],
    ['nothing', [], []],
    ['fetched, not there, not wanted', [fetching, fromBefore, unwanted], [fetching, 0, fromBefore, 255, unwanted, 0]],
  ])('%s', (_, pieces, overview) => {
    expect([...overviewOf({ pieces: Uint8Array.from(pieces) })]).toEqual(overview);
  });

  test('many pieces: an identity that fetched some, and how much is there', () => {
    const pieces = new Uint8Array(2560).fill(missing);
    pieces.set([2, 2, 5, missing, missing, missing, missing, missing, unwanted, unwanted], 0);
    pieces[10] = 1;
    const overview = overviewOf({ pieces });
    expect(overview).toHaveLength(512);
    expect([...overview.subarray(0, 6)]).toEqual([2, Math.floor((255 * 3) / 8), 1, 25, missing, 0]);
  });

  test('over the cells each identity has its share of them', () => {
    const pieces = Uint8Array.from({ length: 25_600 }, (_, p) => (p % 10 < 6 ? 0 : p % 10 < 9 ? 1 : 7));
    const codes = overviewOf({ pieces }).filter((_, i) => i % 2 === 0);
    const cells = (code: number): number => codes.filter((one) => one === code).length;
    expect(Math.abs(cells(0) - 154)).toBeLessThanOrEqual(3);
    expect(Math.abs(cells(1) - 77)).toBeLessThanOrEqual(3);
    expect(Math.abs(cells(7) - 26)).toBeLessThanOrEqual(3);
  });

  test('a single piece of thousands shows', () => {
    const pieces = new Uint8Array(200_000).fill(missing);
    pieces[0] = 0;
    expect(overviewOf({ pieces })[1]).toBe(1);
  });

  test('pieces that nobody has are those to go alone', () => {
    const pieces = Uint8Array.of(missing, fetching, 0, unwanted, missing);
    const availability = Uint16Array.of(0, 0, 0, 0, 2);
    expect(nobodyHas({ key: HASH, pieces, availability, begun: new Uint32Array(0) })).toBe(2);
  });
});
