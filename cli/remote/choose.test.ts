import { expect, test } from 'vitest';
import type { InfoHash } from '../../core/base/ids.ts';
import { chooseEach, chooseOne } from './choose.ts';

const NAMES = ['debian-12.iso', 'Debian-12.iso.torrent', 'ubuntu 1984', 'abba', '1984', 'Ubuntu 1984'];
const all = NAMES.map((name, at) => ({
  number: at + 1,
  line: { name, infoHash: `${at}abcd`.repeat(8) as InfoHash },
}));

test.each([
  ['1', 1],
  [' 6 ', 6],
  // No such number: part of a name.
  ['1984', 5],
  ['0abcd0', 1],
  ['2ABCD2abcd', 3],
  ['debian-12.iso', 1],
  ['DEBIAN-12.ISO', 1],
  ['torrent', 2],
  ['ubuntu 1984', 3],
  ['abb', 4],
])('%j', (text, number) => {
  expect(chooseOne(all, text).number).toBe(number);
});

test.each([
  ['198', /fits 3 downloads: 3 ubuntu 1984; 5 1984; 6 Ubuntu 1984\./],
  ['UBUNTU 1984', /fits 2 downloads/],
  ['', /No download/],
  ['fedora', /No download is "fedora"\. `ensemble list` has 6/],
  // Too short for a hash.
  ['0ab', /No download/],
  ['7', /No download/],
])('%j is refused', (text, why) => {
  expect(() => chooseOne(all, text)).toThrow(why);
});

test('each once, and of many that fit only some are told', () => {
  expect(chooseEach(all, ['2', 'torrent', '1']).map(({ number }) => number)).toEqual([2, 1]);
  const many = Array.from({ length: 5000 }, (_, at) => ({
    ...all[0],
    number: at + 1,
    line: { ...all[0]?.line, name: `x${at}` },
  }));
  expect(() => chooseOne(many as typeof all, 'x')).toThrow(/fits 5000 downloads: 1 x0; .*; 4995 more/);
});
