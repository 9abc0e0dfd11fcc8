import { expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { NodeRandom } from './random.ts';

test('bytes are of the length that was asked for, never the same twice, and nobody else holds them', () => {
  const random = new NodeRandom();
  const lengths = Array.from({ length: 700 }, (_, i) => 12 + (i % 40));
  const all = [...lengths, 4096, 0].map((length) => random.bytes(length));
  expect(all.map(({ length }) => length)).toEqual([...lengths, 4096, 0]);
  expect(new Set(all.map(toHex)).size).toBe(all.length);
  expect(all.every(({ buffer, length }) => buffer.byteLength === length)).toBe(true);
});
