import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import { piece, type PieceIndex } from '../../base/ids.ts';
import { SeededRandom } from '../../sim/random.ts';
import { Availability } from '../pieces/availability.ts';
import { PiecePool } from '../pieces/piece-pool.ts';
import { PieceShare, ShareMap } from '../pieces/share-map.ts';
import type { PieceStrategy } from './piece-strategy.ts';
import { STRATEGY_NAMES, strategyNamed } from './strategies.ts';

const COUNT = 12;

/** Pieces in the order in which they would be taken: 0 to 3 are there, each other one has as many peers as its number. */
function order(strategy: PieceStrategy | undefined): PieceIndex[] {
  const share = new ShareMap(COUNT, PieceShare.mine);
  for (let i = 0; i < 4; i++) share.set(piece(i), PieceShare.present);
  const availability = new Availability(COUNT);
  const rng = new SeededRandom(1).uniform;
  const pool = new PiecePool({ share, availability, rng, mode: 'rarest', strategy }, () => false);
  for (let peer = 0; peer < COUNT; peer++) {
    const pieces = new Bitfield(COUNT);
    for (let i = peer; i < COUNT; i++) pieces.add(i);
    availability.addPeer(pieces);
  }
  const out: PieceIndex[] = [];
  pool.mine.find(Bitfield.full(COUNT), COUNT, out);
  return out;
}

const ascending = Array.from({ length: COUNT - 4 }, (_, i) => piece(i + 4));

describe('strategies', () => {
  test.each<[string, PieceIndex[]]>([
    ['rarest', ascending],
    ['commonest', ascending.toReversed()],
  ])('%s', (name, expected) => expect(order(strategyNamed(name))).toEqual(expected));

  test('random takes all, in no order; none named is rarest first', () => {
    const taken = order(strategyNamed('random'));
    expect(taken.toSorted((a, b) => a - b)).toEqual(ascending);
    expect(taken).not.toEqual(ascending);
    expect(order(undefined)).toEqual(ascending);
    expect(order(strategyNamed('of-another-program'))).toEqual(ascending);
  });

  test('ranks that are none harm nobody', () => {
    for (const rank of [-5, 1e9, Number.NaN, 3.7]) {
      const taken = order({ rank: () => rank, followsPeers: true });
      expect(taken.toSorted((a, b) => a - b)).toEqual(ascending);
    }
  });

  test('each file has its line, under its own name', () => {
    const files = readdirSync(fileURLToPath(new URL('.', import.meta.url)));
    const around = ['piece-strategy.ts', 'strategies.ts', 'strategies.test.ts'];
    const own = files.filter((file) => !around.includes(file)).map((file) => file.replace('.ts', ''));
    expect(own.toSorted()).toEqual(STRATEGY_NAMES.toSorted());
  });

  test('names are such as can be typed, and of no prototype', () => {
    for (const name of STRATEGY_NAMES) expect(name).toMatch(/^[a-z][a-z-]*$/);
    expect(strategyNamed('constructor')).toBeUndefined();
    expect(strategyNamed('toString')).toBeUndefined();
  });
});
