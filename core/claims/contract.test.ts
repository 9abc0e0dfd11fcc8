import { describe, expect, test } from 'vitest';
import { piece, type PieceIndex } from '../base/ids.ts';
import { CLAIM_WORLDS, type ClaimWorld, type Seat } from '../sim/claim-worlds.ts';
import { ALL, piecesIn } from '../sim/common-directory.ts';
import { SeededRandom } from '../sim/random.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';

const mine = ({ share }: Seat): PieceIndex[] => piecesIn(share, PieceShare.mine).map((p) => piece(p));
const open = ({ share }: Seat): PieceIndex[] => piecesIn(share, PieceShare.open).map((p) => piece(p));
/** At the end two may fetch the same piece. */
const fetchable = (seat: Seat): PieceIndex[] => [
  ...mine(seat),
  ...piecesIn(seat.share, PieceShare.both).map((p) => piece(p)),
];
const sorted = (pieces: readonly number[]): number[] => [...pieces].sort((a, b) => a - b);

/** As a swarm does: from here on it asks nobody for these. */
function giveBack(seat: Seat, pieces: readonly PieceIndex[]): void {
  for (const p of pieces) seat.share.set(p, PieceShare.open);
  seat.claimer.release(pieces);
}

async function three(world: ClaimWorld): Promise<[Seat, Seat, Seat]> {
  return [await world.join(0), await world.join(1), await world.join(2)];
}

/** All ask for what is free and take over what they may. */
async function ask(world: ClaimWorld, ...seats: readonly Seat[]): Promise<void> {
  for (const seat of seats) {
    seat.claimer.claim(open(seat));
    seat.claimer.idle();
  }
  await world.clock.advance(world.expiry / 10);
}

function expectNoneTwice(...seats: readonly Seat[]): void {
  const all = seats.flatMap((seat) => mine(seat));
  expect(sorted(all)).toEqual(sorted([...new Set(all)]));
}

/** What holds for whoever shares a download out, wherever claims are kept. */
describe.each(Object.entries(CLAIM_WORLDS))('%s', (_, make) => {
  test('of several who want the same exactly one gets it', async () => {
    const world = make(3);
    const seats = await three(world);
    for (const { claimer } of seats) claimer.claim(ALL);
    for (let i = 0; i < 50; i++) {
      await world.clock.advance(100);
      expectNoneTwice(...seats);
    }
    for (let i = 0; i < 3; i++) await world.clock.advance(world.expiry);
    for (let i = 0; i < 20; i++) await ask(world, ...seats);
    expectNoneTwice(...seats);
    expect(sorted([...new Set(seats.flatMap((seat) => fetchable(seat)))])).toEqual(ALL);
  });

  test('what is given back goes to one of those who ask for it', async () => {
    const world = make(4);
    const [a, b, c] = await three(world);
    a.claimer.claim(ALL.slice(0, 8));
    await world.clock.advance(20_000);
    const [first] = mine(a);
    if (first === undefined) throw new Error('nothing was granted');
    giveBack(a, [first]);
    await world.clock.advance(60_000);
    expect([a, b, c].map(({ share }) => share.get(first))).toEqual([1, 1, 1]);
    b.claimer.claim([first]);
    c.claimer.claim([first]);
    for (let i = 0; i < 3; i++) await world.clock.advance(world.expiry);
    await ask(world, b, c);
    expect([b, c].filter((seat) => mine(seat).includes(first))).toHaveLength(1);
    expect([...open(b), ...open(c)]).not.toContain(first);
  });

  test('who lives keeps its claims; those of one that died go to the others, each once, and what it verified stays', async () => {
    const world = make(5);
    const [a, b, c] = await three(world);
    a.claimer.claim(ALL);
    await world.clock.advance(20_000);
    for (let i = 0; i < 30; i++) await world.clock.advance(world.expiry / 10);
    await ask(world, b, c);
    const verified = mine(a).slice(0, 4);
    const kept = [...mine(b), ...mine(c)];
    await world.clock.resolve(a.verify(verified));
    await world.clock.advance(20_000);
    a.die();
    await world.clock.advance(world.expiry / 2);
    expect([...mine(b), ...mine(c)]).toEqual(kept);
    for (let i = 0; i < 40; i++) await ask(world, b, c);
    expectNoneTwice(b, c);
    const fetched = [b, c].flatMap((seat) => fetchable(seat));
    expect(sorted([...new Set([...fetched, ...verified])])).toEqual(ALL);
    for (const seat of [b, c]) expect(piecesIn(seat.share, PieceShare.present)).toEqual(sorted(verified));
  });

  test('what one verified the others hear of, those who come later too', async () => {
    const world = make(6);
    const [a, b] = await three(world);
    a.claimer.claim(ALL.slice(0, 8));
    await world.clock.advance(20_000);
    const [one, two] = mine(a);
    if (one === undefined || two === undefined) throw new Error('too little was granted');
    await world.clock.resolve(a.verify([one, two]));
    await world.clock.advance(20_000);
    expect(sorted(b.present)).toEqual(sorted([one, two]));
    b.die();
    for (let i = 0; i < 2; i++) await world.clock.advance(world.expiry);
    const again = await world.clock.resolve(world.join(1));
    expect(piecesIn(again.share, PieceShare.present)).toEqual(sorted([one, two]));
  });

  test('one that leaves gives back what it has not finished', async () => {
    const world = make(7);
    const [a, b] = await three(world);
    a.claimer.claim(ALL);
    await world.clock.advance(20_000);
    const had = mine(a);
    expect(had.length).toBeGreaterThan(8);
    const leaving = a.leave();
    await world.clock.advance(60_000);
    await leaving;
    expect(open(b)).toEqual(expect.arrayContaining(had));
  });

  test.each([1, 2, 3])(
    'a busy hour: no piece is ever two´s who live, and all come in the end; world %i',
    async (seed) => {
      const world = make(seed);
      const chance = new SeededRandom(seed + 50);
      const seats = await three(world);
      const some = <T>(all: readonly T[]): T[] => all.slice(0, Math.floor(5 * chance.uniform()));
      for (let round = 0; round < 100; round++) {
        const i = Math.floor(3 * chance.uniform());
        const who = seats[i];
        if (who === undefined) continue;
        const dice = chance.uniform();
        if (dice < 0.4) who.claimer.claim(some(open(who)));
        else if (dice < 0.55) giveBack(who, some(mine(who)));
        else if (dice < 0.65) await world.clock.resolve(who.verify(mine(who).slice(0, 1)));
        else if (dice < 0.95) who.claimer.idle();
        else {
          who.die();
          for (let k = 0; k < 2; k++) await world.clock.advance(world.expiry);
          seats[i] = await world.clock.resolve(world.join(i));
        }
        await world.clock.advance(5000 * chance.uniform());
        expectNoneTwice(...seats);
      }
      for (let i = 0; i < 100; i++) {
        for (const who of seats) await world.clock.resolve(who.verify(fetchable(who)));
        await ask(world, ...seats);
      }
      for (const who of seats) expect(piecesIn(who.share, PieceShare.present)).toEqual(ALL);
    },
  );
});
