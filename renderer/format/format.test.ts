import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFormat } from './format.ts';

const en = createFormat('en-US');
const de = createFormat('de-DE');

test.each([
  [0, '0 B'],
  [5, '5 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [2048, '2.0 kB'],
  [412_000, '412 kB'],
  [999_600, '1.00 MB'],
  [1.61e9, '1.61 GB'],
  [22.4e9, '22.4 GB'],
  [214e9, '214 GB'],
  [9.999e9, '10.0 GB'],
])('%d bytes', (value, written) => {
  expect(en.bytes(value)).toBe(written);
});

test.each([
  [0, '0 kB/s'],
  [120, '0.1 kB/s'],
  [402_000, '402 kB/s'],
  [3_210_000, '3.21 MB/s'],
])('%d bytes a second', (value, written) => {
  expect(en.rate(value)).toBe(written);
});

test('the locale decides how a figure is written', () => {
  expect(de.count(1648)).toBe('1.648');
  expect(de.bytes(1.61e9)).toBe('1,61\u00a0GB');
});

test.each([
  [1_048_576, '1 MiB'],
  [262_144, '256 KiB'],
  [16_384, '16 KiB'],
  [1_000_000, '1.00 MB'],
])('a piece of %d bytes', (value, written) => {
  expect(en.pieceLength(value)).toBe(written);
});

test.each([
  [0.62, 0, '62%'],
  [0.9999, 0, '99%'],
  [0.9999, 1, '99.9%'],
  [1, 1, '100%'],
  [0, 1, '0.0%'],
] as const)('%d as percent with %d digits', (share, digits, written) => {
  expect(en.percent(share, digits)).toBe(written);
});

test('percent says 100 only when it is all', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (share) => {
      expect(en.percent(share)).not.toBe('100%');
      expect(en.percent(share, 1)).not.toContain('100');
    }),
  );
});

test.each([
  [0, '0 s', '0:00'],
  [8000, '8 s', '0:08'],
  [68_000, '1 min 8 s', '1:08'],
  [171_000, '2 min 51 s', '2:51'],
  [3_600_000, '1 h', '1:00:00'],
  [7_387_000, '2 h 3 min', '2:03:07'],
  [90_061_000, '1 d 1 h', '25:01:01'],
])('%d ms', (span, words, clock) => {
  expect(en.span(span)).toBe(words);
  expect(en.clock(span)).toBe(clock);
});

test.each([
  [0, '0.1 s', '0,1 s'],
  [870, '0.9 s', '0,9 s'],
  [9949, '9.9 s', '9,9 s'],
  [9950, '10 s', '10 s'],
  [72_000, '1 min 12 s', '1 min 12 s'],
])('%d ms in brief', (span, english, german) => {
  expect(en.brief(span)).toBe(english);
  expect(createFormat('de-DE').brief(span)).toBe(german);
});
