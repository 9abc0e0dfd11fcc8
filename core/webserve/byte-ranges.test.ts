import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AskedRanges, readRanges } from './byte-ranges.ts';

const shown = (asked: AskedRanges): string =>
  asked.kind === 'some'
    ? `${asked.ranges.map(({ start, end }) => `${start}-${end}`).join(' ')}${asked.openEnded ? ' open' : ''}`
    : asked.kind;

test.each([
  [undefined, 'whole'],
  ['bytes=0-0', '0-1'],
  ['bytes=0-', '0-1000 open'],
  ['BYTES = 5-6', 'whole'],
  ['Bytes=5-6', '5-7'],
  ['bytes=990-2000', '990-1000'],
  ['bytes=-5', '995-1000'],
  ['bytes=-5000', '0-1000'],
  ['bytes=-0', 'none'],
  ['bytes=1000-', 'none'],
  ['bytes=1000-, 5-5', '5-6'],
  ['bytes=5-3', 'whole'],
  ['bytes=a-b', 'whole'],
  ['bytes=', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=0--5', 'whole'],
  ['items=0-5', 'whole'],
  ['bytes=0-9 , ,20-29', '0-10 20-30'],
  // Shorter as a whole.
  ['bytes=0-,0-,0-', 'whole'],
  ['bytes=0-899,100-999', 'whole'],
  [`bytes=${Array.from({ length: 65 }, (_, i) => `${i}-${i}`).join()}`, 'whole'],
  ['bytes=99999999999999999999-', 'whole'],
])('%s', (header, expected) => {
  expect(shown(readRanges(header, 1000))).toBe(expected);
});

test('of a file without bytes there are no ranges', () => {
  for (const header of ['bytes=0-', 'bytes=-1', 'bytes=0-0']) expect(readRanges(header, 0).kind).toBe('none');
});

test('whatever is asked for, ranges lie in the file and are never more than it', () => {
  const number = fc.oneof(fc.nat(50).map(String), fc.constant(''), fc.string({ maxLength: 3 }));
  const spec = fc.tuple(number, fc.constantFrom('-', '', '--'), number).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(spec, { maxLength: 80 }), fc.nat(40), (specs, length) => {
      const asked = readRanges(`bytes=${specs.join(',')}`, length);
      if (asked.kind !== 'some') return;
      let sum = 0;
      for (const { start, end } of asked.ranges) {
        expect(start >= 0 && start < end && end <= length).toBe(true);
        sum += end - start;
      }
      expect(asked.ranges.length <= 64 && sum <= length).toBe(true);
    }),
  );
});
