import { expect, test } from 'vitest';
import { SeededRandom } from '../sim/random.ts';
import { type NodeId, asNodeId, bitAt, compareDistance, idNear, sharedBits } from './node-id.ts';
import { idOf } from './testing/scene.ts';

test.each([
  ['00', '00', '00', 0],
  ['00', '01', '02', -1],
  ['03', '01', '04', -1], // 2 against 7
  ['ff', '01', '80', 1],
  ['00'.repeat(19) + '01', '00', '00'.repeat(19) + '03', -1],
])('seen from %s, %s is to %s as %i', (target, a, b, order) => {
  expect(Math.sign(compareDistance(idOf(target), idOf(a), idOf(b)))).toBe(order);
  expect(Math.sign(compareDistance(idOf(target), idOf(b), idOf(a)))).toBe(-order || 0);
});

test.each([
  ['00', '80', 0],
  ['00', '40', 1],
  ['ff', 'fe', 7],
  ['ab00', 'ab80', 8],
  ['00', '00'.repeat(19) + '01', 159],
  ['ab', 'ab', 160],
])('%s and %s share %i bits', (a, b, bits) => {
  expect(sharedBits(idOf(a), idOf(b))).toBe(bits);
});

test('an id near another one shares as many bits as it should', () => {
  const random = new SeededRandom(1);
  for (let round = 0; round < 200; round++) {
    const id = random.bytes(20) as NodeId;
    const bits = Math.floor(random.uniform() * 161);
    expect(sharedBits(idNear(random, id, bits, true), id)).toBe(bits);
    expect(sharedBits(idNear(random, id, bits, false), id)).toBeGreaterThanOrEqual(bits);
  }
});

test('only 20 bytes are an id', () => {
  expect([0, 19, 20, 21].map((length) => asNodeId(new Uint8Array(length)) !== undefined)).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect([0, 7, 8, 15].map((at) => bitAt(idOf('8001'), at))).toEqual([1, 0, 0, 1]);
});
