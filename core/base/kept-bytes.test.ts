import { expect, it } from 'vitest';
import { keptBytes } from './kept-bytes.ts';

it('keeps what is little in common memory, and each as it was', () => {
  const given = Array.from({ length: 300 }, (_, i) => new Uint8Array(1000 + i).fill(i));
  const kept = given.map(keptBytes);
  for (const one of given) one.fill(7);
  expect(kept.map((one) => one.length)).toEqual(given.map((one) => one.length));
  expect(kept.every((one, i) => one.every((byte) => byte === i % 256))).toBe(true);
  expect(kept.map(keptBytes)).toEqual(kept);
  expect(keptBytes(kept[0]!)).toBe(kept[0]);
  expect(new Set(kept.map(({ buffer }) => buffer)).size).toBeLessThan(10);
});

it('leaves what is much where it is', () => {
  const much = new Uint8Array(100_000);
  expect(keptBytes(much)).toBe(much);
});
