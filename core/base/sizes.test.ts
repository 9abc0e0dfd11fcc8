import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pieceLengthText, rateText, scaleSize, sizeText } from './sizes.ts';

test.each([
  [0, '0 B', '0 kB/s'],
  [1, '1 B', '0.0 kB/s'],
  [999, '999 B', '1.0 kB/s'],
  [1000, '1.0 kB', '1.0 kB/s'],
  [9949, '9.9 kB', '9.9 kB/s'],
  [9950, '10 kB', '10 kB/s'],
  [999_499, '999 kB', '999 kB/s'],
  [999_500, '1.00 MB', '1.00 MB/s'],
  [9_995_000, '10.0 MB', '10.0 MB/s'],
  [22.4e9, '22.4 GB', '22.4 GB/s'],
  [214e9, '214 GB', '214 GB/s'],
  [3e18, '3000 PB', '3000 PB/s'],
])('%d bytes', (bytes, size, rate) => {
  expect(sizeText(bytes)).toBe(size);
  expect(rateText(bytes)).toBe(rate);
});

test.each([
  [16_384, '16 KiB'],
  [262_144, '256 KiB'],
  [1_048_576, '1 MiB'],
  [67_108_864, '64 MiB'],
  [1_000_000, '1.00 MB'],
])('pieces of %d bytes', (bytes, text) => {
  expect(pieceLengthText(bytes)).toBe(text);
});

test('a figure has at most three digits before its unit gets larger, and is true to half of its last', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      const { figure, digits, power } = scaleSize(bytes);
      const shown = Number(figure.toFixed(digits));
      if (power < 5) expect(shown).toBeLessThan(1000);
      expect(Math.abs(shown - bytes / 1000 ** power)).toBeLessThanOrEqual(0.5 / 10 ** digits + 1e-9);
    }),
  );
});
