import { expect, test } from 'vitest';
import { piece } from '../base/ids.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { ALL, FOLDER, piecesIn, TestDirectory } from '../sim/common-directory.ts';

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
