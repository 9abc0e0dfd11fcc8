import { describe, expect, test } from 'vitest';
import { piece } from '../base/ids.ts';
import { PieceShare } from '../strategy/share-map.ts';
import { ALL, FOLDER, piecesIn, TestDirectory } from '../sim/common-directory.ts';

for (const pieceFiles of [false, true]) {
  describe(`claims in a common directory${pieceFiles ? ', by the pieces themselves' : ''}`, () => {
    test('of several who want the same, exactly one gets it', async () => {
      const directory = new TestDirectory();
      const three = [];
      for (let i = 0; i < 3; i++) three.push(await directory.identity(i, { pieceFiles }));
      for (const { claimer } of three) claimer.claim(ALL);
      await directory.clock.advance(5000);
      const mine = three.flatMap(({ share }) => piecesIn(share, PieceShare.mine));
      expect(mine.sort((a, b) => a - b)).toEqual(ALL);
      for (const { share } of three) expect(piecesIn(share, PieceShare.open)).toEqual([]);
    });

    test('what is given back may be claimed again, once', async () => {
      const directory = new TestDirectory();
      const [a, b, c] = [
        await directory.identity(0, { pieceFiles }),
        await directory.identity(1, { pieceFiles }),
        await directory.identity(2, { pieceFiles }),
      ];
      a.claimer.claim(ALL);
      await directory.clock.advance(2000);
      a.claimer.release([piece(5)]);
      await directory.clock.advance(2000);
      expect([a, b, c].map(({ share }) => share.get(piece(5)))).toEqual([1, 1, 1]);
      b.claimer.claim([piece(5)]);
      c.claimer.claim([piece(5)]);
      await directory.clock.advance(2000);
      expect(new Set([b, c].map(({ share }) => share.get(piece(5))))).toEqual(
        new Set([PieceShare.mine, PieceShare.theirs]),
      );
    });

    test('the claims of one that died go to the others, each once, after its lease', async () => {
      const directory = new TestDirectory();
      const [a, b, c] = [
        await directory.identity(0, { pieceFiles }),
        await directory.identity(1, { pieceFiles }),
        await directory.identity(2, { pieceFiles }),
      ];
      a.claimer.claim(ALL);
      await directory.clock.advance(2000);
      await directory.clock.resolve(a.verify(ALL.slice(0, 4)));
      a.die();
      const ask = async (): Promise<void> => {
        b.claimer.idle();
        c.claimer.idle();
        await directory.clock.advance(2000);
      };
      await ask();
      expect(piecesIn(b.share, PieceShare.mine).concat(piecesIn(c.share, PieceShare.mine))).toEqual([]);
      await directory.clock.advance(50_000);
      await ask();
      const taken = piecesIn(b.share, PieceShare.mine).concat(piecesIn(c.share, PieceShare.mine));
      expect(taken.sort((x, y) => x - y)).toEqual(ALL.slice(4));
      expect(piecesIn(b.share, PieceShare.present)).toEqual(ALL.slice(0, 4));
    });
  });
}

test('siblings are told of each other, and of what each verified', async () => {
  const directory = new TestDirectory();
  const a = await directory.identity(0);
  const b = await directory.identity(1);
  await directory.clock.resolve(a.verify([piece(3), piece(7)]));
  await directory.clock.advance(3000);
  expect(b.present).toEqual([3, 7]);
  expect(b.siblings.at(-1)?.[1]).toBe('7000');
  expect(a.siblings.at(-1)?.[1]).toBe('7001');
  await directory.clock.resolve(a.claimer.stop());
  await directory.clock.advance(3000);
  expect(b.siblings.at(-1)).toEqual([]);
});

test('an index runs once; after a crash it goes on with what it had claimed', async () => {
  const directory = new TestDirectory();
  const a = await directory.identity(0);
  a.claimer.claim(ALL.slice(0, 3));
  await directory.clock.advance(1000);
  await expect(directory.identity(0)).rejects.toMatchObject({ code: 'in-use' });
  a.die();
  const again = await directory.identity(0);
  expect(piecesIn(again.share, PieceShare.mine)).toEqual([0, 1, 2]);
});

test('one that leaves gives back what it has not finished', async () => {
  const directory = new TestDirectory();
  const a = await directory.identity(0);
  const b = await directory.identity(1);
  a.claimer.claim(ALL);
  await directory.clock.advance(2000);
  expect(piecesIn(b.share, PieceShare.open)).toEqual([]);
  await directory.clock.resolve(a.claimer.stop());
  await directory.clock.advance(3000);
  expect(piecesIn(b.share, PieceShare.open)).toEqual(ALL);
});

test('fixed ranges are taken over only where that is wanted', async () => {
  for (const takeOver of [false, true]) {
    const directory = new TestDirectory();
    const one = await directory.identity(1, { selection: 'fixed', takeOver });
    const range = ALL.slice(8, 16);
    expect(piecesIn(one.share, takeOver ? PieceShare.open : PieceShare.mine)).toEqual(range);
    if (takeOver) one.claimer.claim(range);
    await directory.clock.advance(1000);
    await directory.clock.resolve(one.verify(range));
    one.claimer.idle();
    await directory.clock.advance(1000);
    expect(piecesIn(one.share, PieceShare.open)).toEqual(takeOver ? [4, 5, 6, 7] : []);
    expect(one.claimer.done).toBe(!takeOver);
  }
});

test('a directory that cannot be read any more is told, once', async () => {
  const directory = new TestDirectory();
  const a = await directory.identity(0);
  directory.disk.fail({ path: `${FOLDER}/claims`, code: 'EIO' });
  await directory.clock.advance(5000);
  expect(a.failures).toHaveLength(1);
});
