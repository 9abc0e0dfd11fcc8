import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from './codec.ts';
import { COMMAND_BOUNDS, exceeded, type MessageBounds } from './message-bounds.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const SMALL: MessageBounds = { json: 1000, depth: 3, values: 6, arrays: 1 };

test.each<[string, keyof MessageBounds | undefined, string]>([
  ['nothing', undefined, ''],
  ['one value', undefined, '7'],
  ['an empty list', undefined, '[]'],
  ['as deep as may be', undefined, '[[[]]]'],
  ['one deeper', 'depth', '[[[[]]]]'],
  ['objects one deeper', 'depth', '{"a":{"a":{"a":{}}}}'],
  ['deep again and again, never too deep', undefined, '[[[]],[]]'],
  ['as many as may be', undefined, '[1,2,3,4,5]'],
  ['one more', 'values', '[1,2,3,4,5,6]'],
  ['one more key', 'values', '{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}'],
  ['empty objects', 'values', '[{},{},{},{}]'],
  ['brackets and commas in a text', undefined, '"[[[[[[,,,,,,,,{{{{{{"'],
  ['a text with a quote in it', undefined, '["\\"[[[[,,,,,,,","\\\\"]'],
  ['what follows a text that ends in a backslash', 'depth', '["\\\\",[[[]]]]'],
  ['a text that never ends', undefined, `"${'['.repeat(900)}`],
  ['more closed than opened', undefined, ']]]]]]]]'],
  ['a text too long', 'json', `"${'a'.repeat(1000)}"`],
])('%s: %s', (_, bound, json) => {
  expect(exceeded(utf8(json), SMALL)).toBe(bound);
});

/** Values in all, and the deepest. */
function measure(value: unknown): { values: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 1, depth: 0 };
  const inner = Object.values(value).map(measure);
  return {
    values: inner.reduce((sum, one) => sum + one.values, 1),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  };
}

test('what is let through has no more values and is no deeper than the bounds say', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.nat(12), fc.nat(8), (json, values, depth) => {
      const actual = measure(JSON.parse(json));
      const bounds: MessageBounds = { json: json.length * 4, depth, values, arrays: 0 };
      if (exceeded(utf8(json), bounds) === undefined) {
        expect(actual.values).toBeLessThanOrEqual(values);
        expect(actual.depth).toBeLessThanOrEqual(depth);
      }
      // And nothing that is well within is refused.
      const double = { json: json.length * 4, depth: actual.depth, values: 2 * actual.values, arrays: 0 };
      expect(exceeded(utf8(json), double)).toBeUndefined();
    }),
  );
});

test('the largest command that there is fits, and a torrent file of the largest size', () => {
  const files = Array.from({ length: 250_000 }, (_, file) => file);
  const named = { t: 'q', m: 'command', a: ['setPriority', { key: '1'.repeat(40), files, priority: 0 }], i: 'x' };
  const torrent = { kind: 'torrent', data: new Uint8Array(32 * 1024 * 1024) };
  const options = { filePriorities: files.map(() => 4), bind: ['a', 'b'], seed: { kind: 'never' } };
  const added = { t: 'q', m: 'command', a: ['add', { source: torrent, options }], i: 'x' };
  expect(decodeMessage(encodeMessage(named), COMMAND_BOUNDS)).toEqual(named);
  expect(decodeMessage(encodeMessage(added), COMMAND_BOUNDS)).toMatchObject({ a: ['add', { options }] });
});

test.each<[string, unknown]>([
  ['millions of objects', Array.from({ length: 400_000 }, () => ({}))],
  ['a text of megabytes', 'x'.repeat(5 * 1024 * 1024)],
  ['a thousand typed arrays', Array.from({ length: 1000 }, () => new Uint8Array(0))],
  ['objects in objects', JSON.parse('['.repeat(17) + ']'.repeat(17))],
])('a message with %s is refused', (_, message) => {
  expect(() => decodeMessage(encodeMessage(message), COMMAND_BOUNDS)).toThrow(
    expect.objectContaining({ code: 'invalid-message' }),
  );
});
