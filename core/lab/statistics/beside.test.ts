import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toldBeside } from './beside.ts';

const fixed = (value: number, digits: number): string => value.toFixed(digits);

test.each([
  [1.004, '1.004'],
  [0.9996, '0.9996'],
  [1, '1.00'],
  [1.2, '1.20'],
  [1.0000001, '1.0000001'],
])('%d beside 1 is told as %s', (value, text) => {
  expect(toldBeside(value, [1], 2, fixed)).toBe(text);
});

test('what is told lies where the figure does', () => {
  const marks = [0.95, 1, 1.05];
  const value = fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.constantFrom(...marks),
    fc.tuple(fc.constantFrom(...marks), fc.integer({ min: 1, max: 12 })).map(([mark, e]) => mark + 10 ** -e),
  );
  fc.assert(
    fc.property(value, (one) => {
      const told = Number(toldBeside(one, marks, 3, fixed));
      for (const mark of marks) if (Math.abs(one - mark) > 1e-12) expect(told < mark).toBe(one < mark);
    }),
  );
});
