import { expect, test } from 'vitest';
import { type IdentityIndex, identityIndex, millis, piece, type PieceIndex } from '../base/ids.ts';
import { ALL, PIECES, piecesIn } from '../sim/common-directory.ts';
import { GROUP, Machines } from '../sim/machines.ts';
import { SeededRandom } from '../sim/random.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { ClaimLog, decodeBatch } from './claim-log.ts';

type Seat = Awaited<ReturnType<Machines['join']>>;

const LEASE = 45_000;
const mine = ({ share }: Seat): PieceIndex[] => piecesIn(share, PieceShare.mine).map((p) => piece(p));
const open = ({ share }: Seat): PieceIndex[] => piecesIn(share, PieceShare.open).map((p) => piece(p));
const sorted = (pieces: readonly number[]): number[] => [...pieces].sort((a, b) => a - b);

async function three(world: Machines): Promise<[Seat, Seat, Seat]> {
  return [await world.join(0), await world.join(1), await world.join(2)];
}

function expectNoneTwice(...seats: readonly Seat[]): void {
  const all = seats.flatMap((seat) => mine(seat));
  expect(sorted(all)).toEqual(sorted([...new Set(all)]));
}

/** Who holds each piece by the messages that the server has. */
function holders(world: Machines): Map<number, IdentityIndex> {
  const log = new ClaimLog();
  for (const [key, { value }] of world.server.bucket(GROUP).entries) {
    const batch = key.startsWith('claim.') ? decodeBatch(value, PIECES) : undefined;
    if (batch !== undefined) log.read(batch);
  }
  const out = new Map<number, IdentityIndex>();
  for (const p of ALL) {
    const last = log.last(p);
    if (last !== undefined && !last.free) out.set(p, last.holder);
  }
  return out;
}

test('one message claims many pieces, whichever they are, and one tells of many', async () => {
  const world = new Machines(1);
  const [a, b] = await three(world);
  await world.clock.advance(500);
  const before = world.server.writes;
  a.claimer.claim(ALL);
  b.claimer.claim(ALL.filter((p) => p % 2 === 0));
  await world.clock.advance(500);
  expect(mine(a)).toEqual(ALL);
  await world.clock.resolve(a.verify(ALL.filter((p) => p % 3 === 0)));
  await world.clock.advance(2500);
  expect(sorted(b.present)).toEqual(ALL.filter((p) => p % 3 === 0));
  expect(world.server.writes - before).toBe(3);
});

test.each([false, true])(
  'a server that comes back, empty: %s: what is claimed goes on, and stays whose it is',
  async (empty) => {
    const world = new Machines(2);
    const [a, b, c] = await three(world);
    a.claimer.claim(ALL.slice(0, 8));
    b.claimer.claim(ALL.slice(8, 16));
    await world.clock.advance(2000);
    await world.clock.resolve(a.verify(ALL.slice(0, 2)));
    await world.clock.advance(2000);
    world.server.kill();
    await world.clock.resolve(a.verify(ALL.slice(2, 4)));
    c.claimer.claim(ALL.slice(16));
    await world.clock.advance(20_000);
    expect(mine(a)).toEqual(ALL.slice(4, 8));
    expect(mine(c)).toEqual([]);
    expect(world.said.filter((text) => text.includes('cannot be used'))).toHaveLength(3);
    world.server.start(empty);
    // Those that come back last find their pieces free for a moment, and nobody takes them.
    for (const one of [c, b, a]) one.claimer.idle();
    await world.clock.advance(20_000);
    expect(mine(a)).toEqual(ALL.slice(4, 8));
    expect(mine(b)).toEqual(ALL.slice(8, 16));
    expect(mine(c)).toEqual(ALL.slice(16));
    expect(sorted(c.present)).toEqual(ALL.slice(0, 4));
    expect(world.said.filter((text) => text.includes('is back'))).toHaveLength(3);
    const now = holders(world);
    for (const p of ALL.slice(4)) expect(now.get(p)).toBe(identityIndex(p < 8 ? 0 : p < 16 ? 1 : 2));
    for (const one of [a, b, c]) expect(one.failures).toEqual([]);
  },
);

test('a server that was gone for a moment, and lost everything, hears again at once what is claimed', async () => {
  const world = new Machines(2);
  const [a, b] = await three(world);
  a.claimer.claim(ALL.slice(0, 8));
  await world.clock.advance(2000);
  world.server.kill();
  await world.clock.advance(300);
  world.server.start(true);
  await world.clock.advance(3000);
  expect([...holders(world)]).toEqual(ALL.slice(0, 8).map((p) => [p, 0]));
  b.claimer.claim(ALL.slice(0, 8));
  await world.clock.advance(2000);
  expect(mine(b)).toEqual([]);
});

test('where a server lost everything, old claims whose holder is a little later than others stay its own', async () => {
  const world = new Machines(2);
  const [a, b] = await three(world);
  a.claimer.claim(ALL);
  await world.clock.advance(LEASE + 20_000);
  world.server.cut(world.way(0));
  world.server.kill();
  await world.clock.advance(300);
  world.server.start(true);
  for (let i = 0; i < 20; i++) {
    b.claimer.idle();
    if (i === 2) world.server.mend(world.way(0));
    await world.clock.advance(500);
  }
  await world.clock.advance(20_000);
  expect(mine(b)).toEqual([]);
  expect(mine(a)).toEqual(ALL);
});

test('two who claimed the same in the same turn, one before a server lost it, do not both have it', async () => {
  const world = new Machines(2);
  const [a] = await three(world);
  a.claimer.claim(ALL.slice(0, 8));
  await world.clock.advance(2000);
  world.server.cut(world.way(0));
  world.server.kill();
  world.server.start(true);
  const late = await world.join(2);
  late.claimer.claim(ALL);
  await world.clock.advance(2000);
  expect(mine(late)).toEqual(ALL);
  world.server.mend(world.way(0));
  await world.clock.advance(30_000);
  expectNoneTwice(a, late);
});

test('who is cut off for less than it takes to notice takes nobody for dead', async () => {
  const world = new Machines(4);
  const lease = millis(4000);
  const seats = await Promise.all([0, 1].map((i) => world.join(i, [], { lease })));
  const [a, b] = seats;
  if (a === undefined || b === undefined) throw new Error('nobody joined');
  b.claimer.claim(ALL);
  await world.clock.advance(2000);
  world.server.cut(world.way(0));
  for (let i = 0; i < 12; i++) {
    a.claimer.idle();
    await world.clock.advance(1000);
  }
  world.server.mend(world.way(0));
  await world.clock.advance(20_000);
  expect(mine(a)).toEqual([]);
  expect(mine(b)).toEqual(ALL);
});

test('what a store shows is never older than the question, however fresh what it heard last', async () => {
  const world = new Machines(4);
  const [a] = await three(world);
  await world.clock.advance(500);
  world.server.cut(world.way(0));
  let shown = false;
  const looking = a.store?.watch().then(() => (shown = true));
  await world.clock.advance(4000);
  expect(shown).toBe(false);
  world.server.mend(world.way(0));
  await world.clock.resolve(looking ?? Promise.reject(new Error('no store')));
  expect(shown).toBe(true);
});

test('who comes later hears from an empty server what those who live have', async () => {
  const world = new Machines(3);
  const [a] = await three(world);
  a.claimer.claim(ALL.slice(0, 4));
  await world.clock.advance(2000);
  await world.clock.resolve(a.verify(ALL.slice(0, 4)));
  await world.clock.advance(2000);
  world.server.kill();
  await world.clock.advance(1000);
  world.server.start(true);
  await world.clock.advance(10_000);
  world.stores.get(2)?.hurry();
  const late = await world.join(2);
  expect(piecesIn(late.share, PieceShare.present)).toEqual(ALL.slice(0, 4));
});

test('who is cut off keeps what it claims and takes nothing, also not what the others seemed to have left', async () => {
  const world = new Machines(4);
  const [a, b, c] = await three(world);
  a.claimer.claim(ALL.slice(0, 8));
  b.claimer.claim(ALL.slice(8, 16));
  await world.clock.advance(2000);
  world.server.cut(world.way(0));
  for (let i = 0; i < 20; i++) {
    a.claimer.idle();
    await world.clock.advance(2000);
  }
  expect(mine(a)).toEqual(ALL.slice(0, 8));
  world.server.mend(world.way(0));
  await world.clock.advance(20_000);
  for (let i = 0; i < 5; i++) {
    a.claimer.idle();
    await world.clock.advance(2000);
  }
  expectNoneTwice(a, b, c);
  expect(mine(b)).toEqual(ALL.slice(8, 16));
});

test('beyond its lease what one claimed goes to another, exactly once, and it hears of that when it is back', async () => {
  const world = new Machines(5);
  const [a, b, c] = await three(world);
  a.claimer.claim(ALL.slice(0, 8));
  await world.clock.advance(2000);
  world.server.cut(world.way(0));
  for (let i = 0; i < 60; i++) {
    b.claimer.idle();
    c.claimer.idle();
    await world.clock.advance((3 * LEASE) / 60);
  }
  expectNoneTwice(b, c);
  expect(sorted([...mine(b), ...mine(c)])).toEqual(expect.arrayContaining(ALL.slice(0, 8)));
  world.server.mend(world.way(0));
  await world.clock.advance(30_000);
  expectNoneTwice(a, b, c);
  expect(mine(a)).toEqual([]);
});

test('where a server is full the download waits, says so once, and goes on', async () => {
  const world = new Machines(6);
  const [a] = await three(world);
  world.server.full = true;
  a.claimer.claim(ALL);
  await world.clock.advance(60_000);
  expect(mine(a)).toEqual([]);
  expect(world.said.filter((text) => text.startsWith('0:') && text.includes('no room'))).toHaveLength(1);
  world.server.full = false;
  await world.clock.advance(40_000);
  expect(mine(a)).toEqual(ALL);
  expect(a.failures).toEqual([]);
});

test('an identity runs once: in the same folder again at once, elsewhere only when the first is silent for a lease', async () => {
  const world = new Machines(7);
  const first = await world.join(0);
  first.claimer.claim(ALL.slice(0, 4));
  await world.clock.advance(2000);
  first.die();
  const again = await world.join(0);
  await world.clock.advance(2000);
  expect(mine(again)).toEqual(ALL.slice(0, 4));
  world.seats.set(0, 'elsewhere');
  await expect(world.join(0)).rejects.toMatchObject({ code: 'in-use' });
  again.die();
  const other = await world.join(0);
  await world.clock.advance(LEASE);
  expect(other.failures).toEqual([]);
});

test('who was replaced while it slept stops', async () => {
  const world = new Machines(8);
  const first = await world.join(0);
  await world.clock.advance(2000);
  first.sleep();
  const again = await world.join(0);
  await world.clock.advance(60_000);
  first.wake();
  await world.clock.advance(30_000);
  expect(first.failures).toMatchObject([{ code: 'in-use' }]);
  expect(again.failures).toEqual([]);
});

test('stopping does not wait for a server that is away', async () => {
  const world = new Machines(9);
  const [a] = await three(world);
  a.claimer.claim(ALL.slice(0, 4));
  await world.clock.advance(2000);
  world.server.kill();
  await world.clock.advance(1000);
  a.store?.hurry();
  const left = a.leave();
  await world.clock.advance(15_000);
  await left;
});

test.each(Array.from({ length: 12 }, (_, seed) => seed))(
  'machines die, are cut off, the server dies, with and without its data: all comes in the end; world %i',
  async (seed) => {
    const world = new Machines(seed, seed % 3);
    const chance = new SeededRandom(seed + 500);
    const seats: Seat[] = await three(world);
    const have = seats.map(() => new Set<PieceIndex>());
    let twice = 0;
    const fetch = async (i: number, all: readonly PieceIndex[]): Promise<void> => {
      const seat = seats[i];
      if (seat === undefined) return;
      for (const p of all) {
        if (have.some((one) => one.has(p))) twice++;
        have[i]?.add(p);
      }
      await world.clock.resolve(seat.verify(all));
    };
    const fetchable = (seat: Seat): PieceIndex[] => [
      ...mine(seat),
      ...piecesIn(seat.share, PieceShare.both).map((p) => piece(p)),
    ];
    for (let round = 0; round < 60; round++) {
      const i = Math.floor(3 * chance.uniform());
      const seat = seats[i];
      if (seat === undefined) continue;
      const dice = chance.uniform();
      if (dice < 0.4) seat.claimer.claim(open(seat).slice(0, 3));
      else if (dice < 0.6) await fetch(i, mine(seat).slice(0, 1));
      else if (dice < 0.8) seat.claimer.idle();
      else if (dice < 0.86) {
        seat.die();
        seats[i] = await world.join(i, [...(have[i] ?? [])]);
        for (const p of have[i] ?? []) seats[i]?.share.set(p, PieceShare.present);
      } else if (dice < 0.93) {
        world.server.cut(world.way(i));
        await world.clock.advance(80_000 * chance.uniform());
        world.server.mend(world.way(i));
      } else {
        world.server.kill();
        await world.clock.advance(20_000 * chance.uniform());
        world.server.start(chance.uniform() < 0.5);
      }
      await world.clock.advance(4000 * chance.uniform());
    }
    await world.clock.advance(60_000);
    for (let i = 0; i < 60; i++) {
      for (const [k, seat] of seats.entries()) {
        seat.claimer.claim(open(seat).slice(0, 5));
        seat.claimer.idle();
        await fetch(k, fetchable(seat));
      }
      await world.clock.advance(5000);
    }
    for (const seat of seats) {
      expect(seat.failures).toEqual([]);
      expect(piecesIn(seat.share, PieceShare.present)).toEqual(ALL);
    }
    // Once for each piece that was in hand in trouble, at most.
    expect(twice).toBeLessThan(PIECES);
  },
);

test('whatever a stranger writes where machines meet, all comes in the end', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const world = new Machines(seed);
    const chance = new SeededRandom(seed + 900);
    const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(all.length * chance.uniform())];
    const [a, b, c] = await three(world);
    for (let round = 0; round < 30; round++) {
      const bucket = pick([GROUP, `${GROUP}-members`]) ?? GROUP;
      const there = pick(world.server.keys(bucket)) ?? 'x';
      const key = pick([
        there,
        `claim.7.${'a'.repeat(24)}`,
        `have.9.${round}`,
        'member.30',
        'nonsense',
        `have.${round}.0`,
      ]);
      const data = (world.server.bucket(bucket).entries.get(there)?.value ?? new Uint8Array(0)).slice();
      for (let i = 0; i < 3; i++) data[Math.floor(data.length * chance.uniform())] = Math.floor(256 * chance.uniform());
      // The manifest is read at the start alone; a registration of ours is another process of ours.
      if (key !== undefined && key !== 'manifest' && !/^(member|have)\.[0-2]/.test(key)) {
        world.server.write(bucket, key, pick([data, new Uint8Array(0), new Uint8Array(100_000)]) ?? data);
      }
      for (const one of [a, b, c]) one.claimer.claim(open(one).slice(0, 1));
      await world.clock.advance(500);
      expectNoneTwice(a, b, c);
    }
    for (let i = 0; i < 30; i++) {
      for (const one of [a, b, c]) {
        await world.clock.resolve(
          one.verify([...mine(one), ...piecesIn(one.share, PieceShare.both).map((p) => piece(p))]),
        );
        one.claimer.claim(open(one));
        one.claimer.idle();
      }
      await world.clock.advance(6000);
    }
    for (const one of [a, b, c]) {
      expect(one.failures).toEqual([]);
      expect(piecesIn(one.share, PieceShare.present)).toEqual(ALL);
    }
  }
});
