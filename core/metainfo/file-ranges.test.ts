import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filesIn, holdMore, readFileRanges } from './file-ranges.ts';

test.each([
  ['0,2,4,6-8', [0, 2, 4, 6, 7, 8]],
  [' 1 , 1-2', [1, 2]],
  ['8-9', [8, 9]],
  ['5-3,x,-1,1-,--,1.5,0x1', []],
  ['9-999999999', [9]],
  ['999999999', []],
])('%s', (text, files) => {
  const chosen = filesIn(readFileRanges(text), 10);
  expect([...chosen.keys()].filter((file) => chosen[file] === 1)).toEqual(files);
});

test('whatever stands there, the work is bounded', () => {
  const ranges = readFileRanges('0-249999,'.repeat(20_000));
  expect(ranges).toHaveLength(10_000);
  expect(ranges[0]).toEqual({ first: 0, last: 249_999 });
});

test('any text is read, and only what exists is chosen', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9,-]{0,40}$/));
  fc.assert(
    fc.property(text, fc.nat(50), (given, count) => {
      const ranges = readFileRanges(given);
      for (const { first, last } of ranges) expect(first).toBeLessThanOrEqual(last);
      expect(filesIn(ranges, count)).toHaveLength(count);
    }),
  );
});

test.each([
  ['0', '0', false],
  ['1', '0-3', false],
  ['0-2', '0,2', true],
  ['4', '0-3', true],
  ['0-3', '2-3,0-1', false],
  ['', '0', false],
  ['0', '', true],
])('%s holds more than %s: %s', (ranges, than, more) => {
  expect(holdMore(readFileRanges(ranges), readFileRanges(than))).toBe(more);
});
