import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import { piece, type PieceIndex } from '../../base/ids.ts';
import { Availability } from './availability.ts';

const COUNT = 10;

function bits(...indexes: number[]): Bitfield {
  const out = new Bitfield(COUNT);
  for (const index of indexes) out.add(index);
  return out;
}

describe('Availability', () => {
  test('counts peers, seeds and siblings', () => {
    const availability = new Availability(COUNT);
    availability.addPeer(Bitfield.full(COUNT));
    availability.addPeer(bits(1, 2));
    availability.have(piece(2));
    availability.setElsewhere(Uint16Array.of(5, 5, 7, 5, 5, 5, 5, 5, 5, 5));
    expect([0, 1, 2].map((i) => availability.count(piece(i)))).toEqual([6, 7, 10]);
    expect([0, 1, 2].map((i) => availability.count(piece(i), 'own'))).toEqual([1, 2, 3]);
    expect([0, 1, 2].map((i) => availability.rarity(piece(i)))).toEqual([0, 1, 4]);
    expect([...availability.snapshot()]).toEqual([1, 2, 3, 1, 1, 1, 1, 1, 1, 1]);
  });

  test('a peer that was added empty and got all leaves nothing behind', () => {
    const availability = new Availability(COUNT);
    const peer = bits();
    availability.addPeer(peer);
    for (let i = 0; i < COUNT; i++) {
      peer.add(i);
      availability.have(piece(i));
    }
    availability.removePeer(peer);
    expect([...availability.snapshot()]).toEqual(Array(COUNT).fill(0));
  });

  test('tells of what changed alone; a seed changes nothing', () => {
    const availability = new Availability(COUNT);
    const told: number[] = [];
    availability.onChange((index) => told.push(index));
    availability.addPeer(Bitfield.full(COUNT));
    availability.setElsewhere(new Uint16Array(COUNT).fill(3));
    expect(told).toEqual([]);
    const counts = new Uint16Array(COUNT).fill(4);
    counts[7] = 5;
    availability.setElsewhere(counts);
    availability.addPeer(bits(0, 9));
    expect(told).toEqual([7, 0, 9]);
  });

  test('an index that is no piece, and counts that are too short, do no harm', () => {
    const availability = new Availability(COUNT);
    availability.have(piece(COUNT));
    availability.setElsewhere(Uint16Array.of(1));
    expect(availability.count(piece(COUNT))).toBe(0);
    expect(availability.rarity(piece(0))).toBe(1);
  });

  test('is the recount of the peers, whoever comes and goes', () => {
    const step = fc.record({
      leaves: fc.boolean(),
      who: fc.nat(5),
      has: fc.array(fc.nat(COUNT - 1)),
      full: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const availability = new Availability(COUNT);
        const here: Bitfield[] = [];
        for (const { leaves, who, has, full } of steps) {
          const peer = here[who];
          if (leaves && peer !== undefined) {
            availability.removePeer(peer);
            here.splice(who, 1);
          } else if (peer !== undefined) {
            for (const i of has) if (peer.add(i)) availability.have(i as PieceIndex);
          } else {
            const comer = full ? Bitfield.full(COUNT) : bits(...has);
            availability.addPeer(comer);
            here.push(comer);
          }
        }
        for (let i = 0; i < COUNT; i++) {
          expect(availability.count(piece(i))).toBe(here.filter((peer) => peer.has(i)).length);
        }
      }),
    );
  });
});
