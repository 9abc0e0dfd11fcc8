import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { piece as p } from '../../base/ids.ts';
import { BLOCK_LENGTH } from '../../metainfo/geometry.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { SimHasher } from '../../sim/hasher.ts';
import { PieceIntake } from './piece-intake.ts';
import { openPieceStore, type PieceStore } from '../piece-store.ts';
import { expectSame, testLocation, testTorrent } from '../testing/torrent.ts';

/** Four blocks a piece, the last piece of two and a bit. */
const torrent = testTorrent([100_000, 0, 200_000, 39_000], 4 * BLOCK_LENGTH);
const LAST = torrent.info.pieceCount - 1;

interface Bench {
  readonly disk: MemoryDisk;
  readonly store: PieceStore;
  readonly hasher: SimHasher;
  readonly intake: PieceIntake;
}

async function bench(o: { budget?: number; maxBacklog?: number; disk?: MemoryDisk } = {}): Promise<Bench> {
  const { disk = new MemoryDisk(), ...limits } = o;
  const store = await openPieceStore({ disk }, { ...torrent, location: testLocation('in-place'), count: 1 });
  const hasher = new SimHasher();
  const intake = new PieceIntake({ store, hasher, ...torrent, budget: 1e9, ...limits });
  return { disk, store, hasher, intake };
}

function blocksOf(index: number): { begin: number; data: Uint8Array }[] {
  const data = torrent.piece(index);
  const out = [];
  for (let begin = 0; begin < data.length; begin += BLOCK_LENGTH) {
    out.push({ begin, data: data.subarray(begin, begin + BLOCK_LENGTH) });
  }
  return out;
}

function deliver(intake: PieceIntake, index: number, blocks = blocksOf(index)): void {
  for (const { begin, data } of blocks) {
    intake.target(p(index), begin, data.length).set(data);
    intake.arrived(p(index), begin, data.length);
  }
}

async function stored(store: PieceStore, index: number): Promise<Uint8Array> {
  const into = new Uint8Array(torrent.piece(index).length);
  await store.read(p(index), 0, into);
  return into;
}

/** Nothing in memory; all on disk; and what lies between. */
const BUDGETS = [1e9, 1, 5 * BLOCK_LENGTH];

describe.each(BUDGETS)('an intake with a budget of %d bytes', (budget) => {
  it('writes pieces that are right, in whatever order their blocks come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(
          Array.from({ length: LAST + 1 }, (_, index) => blocksOf(index).map((block) => ({ index, ...block }))).flat(),
          { minLength: 1 },
        ),
        async (blocks) => {
          const { intake, store } = await bench({ budget });
          const left = new Map<number, number>();
          const finished: Promise<boolean>[] = [];
          const complete: number[] = [];
          for (const { index, begin, data } of blocks) {
            deliver(intake, index, [{ begin, data }]);
            const missing = (left.get(index) ?? blocksOf(index).length) - 1;
            left.set(index, missing);
            if (missing > 0) continue;
            finished.push(intake.finish(p(index)));
            complete.push(index);
          }
          expect(await Promise.all(finished)).toEqual(complete.map(() => true));
          for (const index of complete) expectSame(await stored(store, index), torrent.piece(index));
          for (const index of left.keys()) intake.drop(p(index));
          expect(intake.memory).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('refuses a wrong piece, writes nothing of it, and takes it again', async () => {
    const { intake, store, disk } = await bench({ budget });
    deliver(intake, 0);
    const wrong = blocksOf(1).map(({ begin, data }, i) => ({ begin, data: i === 2 ? data.map((b) => b ^ 1) : data }));
    deliver(intake, 1, wrong);
    expect(await intake.finish(p(1))).toBe(false);
    await expect(stored(store, 1)).rejects.toMatchObject({ code: 'disk' });
    expect(await disk.list('/work')).not.toContain('have-0');
    deliver(intake, 1);
    expect(await intake.finish(p(1))).toBe(true);
    expectSame(await stored(store, 1), torrent.piece(1));
  });

  it('keeps the blocks of begun pieces over a clean stop', async () => {
    const before = await bench({ budget });
    deliver(before.intake, 0, blocksOf(0).slice(0, 3));
    deliver(before.intake, 1, blocksOf(1).slice(1, 2));
    deliver(before.intake, LAST, blocksOf(LAST));
    const last = new Uint8Array([blocksOf(LAST).length === 3 ? 0xe0 : 0xff]);
    const records = await before.intake.flushBegun([
      { piece: p(0), bits: new Uint8Array([0xe0]) },
      { piece: p(1), bits: new Uint8Array([0x40]) },
      { piece: p(LAST), bits: last },
      { piece: p(2), bits: new Uint8Array([0x80]) },
    ]);
    expect(records.map((record) => record.piece)).toEqual([p(0), p(1), p(LAST)]);
    await before.store.close();
    before.disk.crash('process');

    const { intake, store, disk } = await bench({ budget, disk: before.disk });
    const lost = { piece: p(3), blocks: new Uint8Array([0x80]) };
    expect(await intake.keep([...records, lost])).toEqual(records);
    deliver(intake, 0, blocksOf(0).slice(3));
    expect(await intake.finish(p(0))).toBe(true);
    expect(await intake.finish(p(LAST))).toBe(true);
    for (const index of [0, LAST]) expectSame(await stored(store, index), torrent.piece(index));
    // Another stop keeps what was never touched, with what came since.
    deliver(intake, 1, blocksOf(1).slice(2, 3));
    const again = await intake.flushBegun([{ piece: p(1), bits: new Uint8Array([0x60]) }]);
    expect(again).toEqual([{ piece: p(1), blocks: new Uint8Array([0x60]) }]);
    expect(await disk.list('/work/begun-0')).toEqual(['1']);
    await intake.keep([]);
    expect(await disk.list('/work')).not.toContain('begun-0');
  });

  it('is not changed by a copy of a block that goes on arriving', async () => {
    const { intake, store } = await bench({ budget });
    deliver(intake, 2, blocksOf(2).slice(0, 1));
    const slow = intake.target(p(0), 0, BLOCK_LENGTH);
    deliver(intake, 0);
    const finishing = intake.finish(p(0));
    slow.fill(0xee);
    expect(await finishing).toBe(true);
    deliver(intake, 1);
    slow.fill(0xdd);
    expect(await intake.finish(p(1))).toBe(true);
    expectSame(await stored(store, 0), torrent.piece(0));
    expectSame(await stored(store, 1), torrent.piece(1));
  });

  it('says that the disk is full, and goes on when there is room', async () => {
    const { intake, store, disk } = await bench({ budget });
    deliver(intake, 2, blocksOf(2).slice(0, 1));
    const held = intake.memory;
    const end = disk.fail({ operation: 'write', code: 'ENOSPC' });
    deliver(intake, 0);
    await expect(intake.finish(p(0))).rejects.toMatchObject({ code: 'disk' });
    end();
    expect(intake.memory).toBe(held);
    deliver(intake, 0);
    expect(await intake.finish(p(0))).toBe(true);
    expectSame(await stored(store, 0), torrent.piece(0));
  });
});

it('writes a piece once for each file, and takes no new memory for the next', async () => {
  const { intake, disk, hasher } = await bench();
  const allocate = vi.spyOn(hasher, 'allocate');
  deliver(intake, 4);
  for (const index of [3, 2]) {
    deliver(intake, index);
    const writes = disk.counts.get('write') ?? 0;
    expect(await intake.finish(p(index))).toBe(true);
    // The piece, and its line in the journal.
    expect((disk.counts.get('write') ?? 0) - writes).toBe(2);
  }
  expect(allocate).toHaveBeenCalledTimes(2);
});

it('stops the sockets while pieces queue up for the disk', async () => {
  const { intake } = await bench({ maxBacklog: 5 * BLOCK_LENGTH });
  const relieved = vi.fn();
  intake.onRelief = relieved;
  for (const index of [0, 1]) deliver(intake, index);
  const first = intake.finish(p(0));
  expect(intake.congested).toBe(false);
  const second = intake.finish(p(1));
  expect(intake.congested).toBe(true);
  await Promise.all([first, second]);
  expect(intake.congested).toBe(false);
  expect(relieved).toHaveBeenCalledTimes(1);
});

it('never has more than its budget in memory while pieces begin', async () => {
  const { intake } = await bench({ budget: 9 * BLOCK_LENGTH });
  for (let index = 0; index <= LAST; index++) {
    deliver(intake, index, blocksOf(index).slice(0, 1));
    expect(intake.memory).toBeLessThanOrEqual(9 * BLOCK_LENGTH);
  }
});

it('takes no block that is not of the torrent', async () => {
  const { intake } = await bench();
  expect(() => intake.target(p(LAST + 1), 0, 1)).toThrow(/piece/);
  expect(() => intake.target(p(0), 4 * BLOCK_LENGTH - 1, 2)).toThrow(/piece/);
});

it('blames nobody for a piece that the halves of a hybrid do not agree on', async () => {
  const hybrid = testTorrent([40_000, 40_000], 2 * BLOCK_LENGTH, 'hybrid');
  const { info } = hybrid;
  const first = (bytes: Uint8Array | undefined): Uint8Array =>
    (bytes ?? new Uint8Array()).map((b, i) => (i === 0 ? b ^ 1 : b));
  const finish = async (changed: Partial<typeof info>, data: Uint8Array) => {
    const o = { ...hybrid, info: { ...info, ...changed } };
    const store = await openPieceStore(
      { disk: new MemoryDisk() },
      { ...o, location: testLocation('pieces'), count: 1 },
    );
    const intake = new PieceIntake({ store, hasher: new SimHasher(), ...o, budget: 1e9 });
    deliver(
      intake,
      0,
      [0, BLOCK_LENGTH].map((begin) => ({ begin, data: data.subarray(begin, begin + BLOCK_LENGTH) })),
    );
    return intake.finish(p(0));
  };
  const data = hybrid.piece(0);
  expect(await finish({}, data)).toBe(true);
  expect(await finish({}, first(data))).toBe(false);
  const refused = { code: 'invalid-torrent' };
  await expect(finish({ pieceHashes: first(info.pieceHashes) }, data)).rejects.toMatchObject(refused);
  await expect(finish({ pieceRoots: first(info.pieceRoots) }, data)).rejects.toMatchObject(refused);
});

describe.each(['v2', 'hybrid'] as const)('an intake of %s', (version) => {
  const short = testTorrent([40_000, 5, 70_000, 32768], 2 * BLOCK_LENGTH, version);

  it.each(BUDGETS)(
    'needs no padding, and no other bytes than those of the files: a budget of %d bytes',
    async (budget) => {
      const disk = new MemoryDisk();
      const store = await openPieceStore({ disk }, { ...short, location: testLocation('pieces'), count: 1 });
      const intake = new PieceIntake({ store, hasher: new SimHasher(), ...short, budget });
      // Buffers are used again: what an earlier piece left must not count as padding.
      for (let index = short.info.pieceCount - 1; index >= 0; index--) {
        const size = short.geometry.dataSize(p(index));
        for (let begin = 0; begin < size; begin += BLOCK_LENGTH) {
          const data = short.piece(index).subarray(begin, Math.min(size, begin + BLOCK_LENGTH));
          deliver(intake, index, [{ begin, data }]);
        }
        expect({ index, good: await intake.finish(p(index)) }).toEqual({ index, good: true });
        const into = new Uint8Array(short.piece(index).length);
        await store.read(p(index), 0, into);
        expectSame(into, short.piece(index));
      }
      expect(() => intake.target(p(3), 7_232, 1)).toThrow('it has 7232');
    },
  );

  it('keeps the blocks of a begun piece over a stop', async () => {
    const disk = new MemoryDisk();
    const location = testLocation('in-place');
    const open = async (): Promise<PieceIntake> => {
      const store = await openPieceStore({ disk }, { ...short, location, count: 1 });
      return new PieceIntake({ store, hasher: new SimHasher(), ...short, budget: 1e9 });
    };
    const first = await open();
    const size = short.geometry.dataSize(p(3));
    deliver(first, 3, [{ begin: 0, data: short.piece(3).subarray(0, size) }]);
    const records = await first.flushBegun([{ piece: p(3), bits: Uint8Array.of(0x80) }]);
    const second = await open();
    expect(await second.keep(records)).toEqual(records);
    expect(await second.finish(p(3))).toBe(true);
  });
});
