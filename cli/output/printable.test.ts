import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fit, printable, safeJson, textWidth } from './printable.ts';

test.each([
  ['plain.iso', 'plain.iso'],
  ['näme 映画 🎬', 'näme 映画 🎬'],
  ['a\u001b[31mb', 'a\ufffd[31mb'],
  ['line\r\nforged', 'line\ufffd\ufffdforged'],
  ['exe.\u202egpj', 'exe.\ufffdgpj'],
  ['\u2066a\u2069', '\ufffda\ufffd'],
  ['\u009b2J', '\ufffd2J'],
  ['zero\u200bwidth', 'zero\ufffdwidth'],
  ['half \ud83c pair', 'half \ufffd pair'],
])('printable %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

describe('safeJson', () => {
  test('any value comes back the same, on one line, without what moves a terminal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const line = safeJson({ value, text });
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ value, text })));
        expect(printable(line)).toBe(line);
      }),
    );
  });
});

test.each([
  ['abc', 3],
  ['映画', 4],
  ['e\u0301', 1],
  ['🎬', 2],
])('width of %j', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['映画館', 4, '映…'],
  ['abc', 0, ''],
])('%j in %i columns', (text, width, cut) => {
  expect(fit(text, width)).toBe(cut);
  expect(textWidth(fit(text, width))).toBeLessThanOrEqual(width);
});
