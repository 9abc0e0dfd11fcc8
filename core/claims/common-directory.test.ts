import { describe, expect, test } from 'vitest';
import { piece } from '../base/ids.ts';
import { SeededRandom } from '../sim/random.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { ALL, FOLDER, piecesIn, TestDirectory } from '../sim/common-directory.ts';

type Identity = Awaited<ReturnType<TestDirectory['identity']>>;

const mine = ({ share }: Identity): number[] => piecesIn(share, PieceShare.mine);
const TEN_MINUTES = 600_000;

describe('one that is silent for longer than its lease', () => {
  test('gives up what was taken over meanwhile, and takes nothing from those who lived', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0);
    const b = await directory.identity(1);
    a.claimer.claim(ALL.slice(0, 12));
    b.claimer.claim(ALL.slice(12, 20));
    await directory.clock.advance(2000);
    a.sleep();
    await directory.clock.advance(50_000);
    b.claimer.idle();
    await directory.clock.advance(2000);
    expect(mine(b)).toEqual(ALL.slice(0, 20));
    a.wake();
    a.claimer.idle();
    await directory.clock.advance(3000);
    expect(mine(a)).toEqual([]);
    expect(mine(b)).toEqual(ALL.slice(0, 20));
    // Its registration is heard of again, and B is not called dead later either.
    a.claimer.idle();
    await directory.clock.advance(60_000);
    a.claimer.idle();
    await directory.clock.advance(2000);
    expect(mine(a)).toEqual([]);
    expect([...a.failures, ...b.failures]).toEqual([]);
  });

  test('keeps what nobody took', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0);
    await directory.identity(1);
    a.claimer.claim(ALL.slice(0, 4));
    await directory.clock.advance(2000);
    a.sleep();
    await directory.clock.advance(100_000);
    a.wake();
    await directory.clock.advance(3000);
    expect(mine(a)).toEqual(ALL.slice(0, 4));
  });

  test('and is run anew elsewhere meanwhile: stops, and leaves the registration to the other', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0, {}, { host: 'a' });
    a.sleep();
    await directory.clock.advance(70_000);
    // Another machine: it cannot see whether the process lives, only that its lease is over.
    const again = await directory.identity(0, {}, { host: 'b' });
    expect(again.failures).toEqual([]);
    a.wake();
    await directory.clock.advance(30_000);
    expect(a.failures).toMatchObject([{ code: 'in-use' }]);
    await directory.clock.resolve(a.claimer.stop());
    expect(directory.disk.paths()).toContain(`${FOLDER}/sibling-0.json`);
  });
});

describe.each([
  ['clocks ten minutes apart', { skew: TEN_MINUTES }, { skew: -TEN_MINUTES }],
  ['a view that is 20 s old', { stale: 20_000 }, { stale: 20_000 }],
  ['both', { skew: TEN_MINUTES, stale: 20_000 }, { skew: 0, stale: 5000 }],
])('with %s', (_, one, other) => {
  test('who lives keeps its claims, who dies loses them once', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0, {}, one);
    const b = await directory.identity(1, {}, other);
    const c = await directory.identity(2, {}, { skew: 1 });
    const askAll = async (span: number): Promise<void> => {
      for (let i = 0; i < span / 5000; i++) {
        for (const identity of [b, c]) identity.claimer.idle();
        await directory.clock.advance(5000);
      }
    };
    a.claimer.claim(ALL.slice(0, 16));
    await directory.clock.advance(30_000);
    const held = piecesIn(a.share, PieceShare.mine);
    expect(held).toEqual(ALL.slice(0, 16));
    await askAll(200_000);
    expect(mine(b).concat(mine(c))).toEqual([]);
    a.die();
    await askAll(150_000);
    expect(
      mine(b)
        .concat(mine(c))
        .sort((x, y) => x - y),
    ).toEqual(ALL.slice(0, 16));
  });

  test.each([1, 2])(
    'a busy hour with deaths and new lives: no piece has two owners who live, world %i',
    async (seed) => {
      const directory = new TestDirectory(seed);
      const chance = new SeededRandom(100 + seed);
      const places = [one, other, { skew: 1 }];
      const team: Identity[] = [];
      for (let i = 0; i < 3; i++) team.push(await directory.identity(i, { pieceFiles: seed === 2 }, places[i]));
      for (let round = 0; round < 100; round++) {
        const i = Math.floor(3 * chance.uniform());
        const who = team[i];
        if (who === undefined) continue;
        const dice = chance.uniform();
        const open = piecesIn(who.share, PieceShare.open).map((p) => piece(p));
        if (dice < 0.35) who.claimer.claim(open.slice(0, 1 + Math.floor(4 * chance.uniform())));
        else if (dice < 0.5)
          who.claimer.release(
            mine(who)
              .slice(0, 2)
              .map((p) => piece(p)),
          );
        else if (dice < 0.6)
          await directory.clock.resolve(
            who.verify(
              mine(who)
                .slice(0, 1)
                .map((p) => piece(p)),
            ),
          );
        else if (dice < 0.95) who.claimer.idle();
        else {
          who.die();
          // Longer than the lock's lease, as seen by a clock ten minutes behind.
          await directory.clock.advance(1_300_000);
          team[i] = await directory.identity(i, { pieceFiles: seed === 2 }, places[i]);
        }
        await directory.clock.advance(5000 * chance.uniform());
        const all = team.flatMap((identity) => mine(identity));
        expect(new Set(all).size, `round ${round}`).toBe(all.length);
      }
      // In the end each piece is somebody's, or can be had: nothing is lost.
      for (let i = 0; i < 60; i++) {
        for (const who of team) {
          await directory.clock.resolve(who.verify(mine(who).map((p) => piece(p))));
          who.claimer.claim(piecesIn(who.share, PieceShare.open).map((p) => piece(p)));
          who.claimer.idle();
        }
        await directory.clock.advance(2000);
      }
      for (const who of team) expect(piecesIn(who.share, PieceShare.present)).toEqual(ALL);
      expect(team.flatMap(({ failures }) => failures)).toEqual([]);
    },
  );
});

describe('what a crash leaves half-made is nobody´s only for a lease, though all live', () => {
  test('a piece´s file without a claim', async () => {
    const directory = new TestDirectory();
    const team = [];
    for (let i = 0; i < 3; i++) team.push(await directory.identity(i, { pieceFiles: true }));
    directory.disk.put(`${FOLDER}/pieces/5`, new Uint8Array(0));
    for (const { claimer } of team) claimer.claim([piece(5)]);
    await directory.clock.advance(20_000);
    for (const { claimer } of team) claimer.idle();
    await directory.clock.advance(2000);
    expect(team.map((who) => mine(who))).toEqual([[], [], []]);
    await directory.clock.advance(30_000);
    for (const { claimer } of team) claimer.idle();
    await directory.clock.advance(2000);
    expect(team.flatMap((who) => mine(who))).toEqual([5]);
  });

  test('a claim that names nobody', async () => {
    const directory = new TestDirectory();
    const team = [];
    for (let i = 0; i < 3; i++) team.push(await directory.identity(i));
    directory.disk.put(`${FOLDER}/claims/5`, new Uint8Array(0));
    await directory.clock.advance(50_000);
    for (const { claimer } of team) claimer.idle();
    await directory.clock.advance(2000);
    expect(team.flatMap((who) => mine(who))).toEqual([5]);
  });

  test('an own claim whose answer was lost', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0);
    directory.disk.put(`${FOLDER}/claims/5`, new TextEncoder().encode('{"version":1,"identity":0}'));
    a.claimer.claim([piece(5)]);
    await directory.clock.advance(500);
    expect(mine(a)).toEqual([5]);
  });
});

describe('a directory in trouble', () => {
  test.each(['EIO', 'empty'])(
    'that goes away for a minute (%s): all wait, nobody is called dead, all go on',
    async (how) => {
      const directory = new TestDirectory();
      const team: Identity[] = [];
      for (let i = 0; i < 3; i++) team.push(await directory.identity(i, {}, { patient: true }));
      const [a, b, c] = team as [Identity, Identity, Identity];
      a.claimer.claim(ALL.slice(0, 8));
      b.claimer.claim(ALL.slice(8, 16));
      await directory.clock.advance(5000);
      const { disk } = directory;
      const mend = how === 'EIO' ? disk.fail({ path: FOLDER, code: 'EIO' }) : undefined;
      if (how === 'empty') {
        await disk.rename(FOLDER, '/away');
        await disk.makeDirectory(FOLDER);
      }
      c.claimer.idle();
      c.claimer.claim(ALL.slice(16, 20));
      const writing = a.verify(ALL.slice(0, 2));
      await directory.clock.advance(60_000);
      expect(team.flatMap(({ failures }) => failures)).toEqual([]);
      mend?.();
      if (how === 'empty') {
        await disk.removeDirectory(FOLDER);
        await disk.rename('/away', FOLDER);
      }
      await directory.clock.resolve(writing);
      for (let i = 0; i < 8; i++) {
        c.claimer.idle();
        await directory.clock.advance(5000);
      }
      expect(mine(a)).toEqual(ALL.slice(2, 8));
      expect(mine(b)).toEqual(ALL.slice(8, 16));
      expect(mine(c)).toEqual(ALL.slice(16, 20));
      expect(piecesIn(b.share, PieceShare.present)).toEqual([0, 1]);
      for (const { said, failures } of team) {
        expect(said.length).toBe(2);
        expect(failures).toEqual([]);
      }
    },
  );

  test('that is full: told at once and clearly', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0, {}, { patient: true });
    directory.disk.fail({ path: `${FOLDER}/claims`, operation: 'write', code: 'ENOSPC' });
    a.claimer.claim([piece(1)]);
    await directory.clock.advance(1000);
    expect(a.failures).toMatchObject([{ code: 'disk', message: expect.stringContaining('full') as string }]);
  });
});

describe('at the end', () => {
  test('what a living sibling holds for long is fetched by an idle one too, a little at a time', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0);
    const b = await directory.identity(1);
    a.claimer.claim(ALL);
    await directory.clock.advance(5000);
    b.claimer.idle();
    await directory.clock.advance(1000);
    expect(piecesIn(b.share, PieceShare.both)).toEqual([]);
    await directory.clock.advance(8000);
    b.claimer.idle();
    await directory.clock.advance(1000);
    const helped = piecesIn(b.share, PieceShare.both).map((p) => piece(p));
    expect(helped).toHaveLength(2);
    b.claimer.idle();
    await directory.clock.advance(1000);
    expect(piecesIn(b.share, PieceShare.both)).toEqual(helped);
    // First verified wins: the claimant hears of it, and gives nothing back.
    await directory.clock.resolve(b.verify(helped));
    await directory.clock.advance(2000);
    expect(piecesIn(a.share, PieceShare.present)).toEqual(helped);
    await directory.clock.resolve(a.claimer.stop());
    for (const p of helped) expect(directory.disk.paths()).not.toContain(`${FOLDER}/claims/${p}.0.free`);
  });

  test('what a sibling found wrong on its disk is told', async () => {
    const directory = new TestDirectory();
    const a = await directory.identity(0);
    const b = await directory.identity(1);
    await directory.clock.resolve(a.verify(ALL.slice(0, 4)));
    await directory.clock.advance(2000);
    await directory.clock.resolve(a.lose([piece(2)]));
    await directory.clock.advance(2000);
    expect(b.lost).toEqual([2]);
    // Seen together, the last word counts.
    const late = await directory.identity(2);
    expect(late.present).toEqual([0, 1, 3]);
  });
});
