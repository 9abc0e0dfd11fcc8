import { expect, test } from 'vitest';
import { SeededRandom } from '../sim/random.ts';
import { at, minutes } from './testing/scene.ts';
import { Tokens } from './tokens.ts';

const ip = Uint8Array.of(1, 2, 3, 4);
const hash = new Uint8Array(20).fill(7);

test('a token is good for whom it was given, for what it was given', () => {
  const tokens = new Tokens(new SeededRandom(1), at(0));
  const token = tokens.issue(ip, hash, at(0));
  expect(token.length).toBeGreaterThanOrEqual(4);
  const rows: readonly [string, Uint8Array, Uint8Array, Uint8Array, boolean][] = [
    ['itself', token, ip, hash, true],
    ['another address', token, Uint8Array.of(1, 2, 3, 5), hash, false],
    ['another torrent', token, ip, new Uint8Array(20).fill(8), false],
    ['cut', token.subarray(1), ip, hash, false],
    ['longer', Uint8Array.of(...token, 0), ip, hash, false],
    ['one bit off', token.map((byte, i) => (i === 3 ? byte ^ 1 : byte)), ip, hash, false],
    ['nothing', new Uint8Array(0), ip, hash, false],
    ['of another node', new Tokens(new SeededRandom(2), at(0)).issue(ip, hash, at(0)), ip, hash, false],
  ];
  for (const [name, one, address, torrent, good] of rows) {
    expect(tokens.valid(one, address, torrent, at(1000)), name).toBe(good);
  }
});

test.each([
  [0, 9.9, true],
  [0, 10, false],
  [4.9, 9.9, true],
  [4.9, 10, false],
  [5, 14.9, true],
  [5, 15, false],
  [0, 600, false],
])('of minute %f, in minute %f: %s', (issued, used, good) => {
  const tokens = new Tokens(new SeededRandom(1), at(0));
  const token = tokens.issue(ip, hash, minutes(issued));
  expect(tokens.valid(token, ip, hash, minutes(used))).toBe(good);
});
