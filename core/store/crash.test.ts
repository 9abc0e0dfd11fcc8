import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { piece as p } from '../base/ids.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import type { Disk } from '../ports/disk.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { SeededRandom } from '../sim/random.ts';
import type { StoreLocation } from './layouts/layout.ts';
import { openPlacement } from './layouts/open-placement.ts';
import { PieceIntake } from './intake/piece-intake.ts';
import { openPieceStore } from './piece-store.ts';
import { recheck } from './layouts/recheck.ts';
import { loadState, saveState, type StateLocation } from './records/state.ts';
import { TEST_VERSIONS, testLocation, testTorrent, type TestTorrent } from './testing/torrent.ts';

const LENGTHS = [20_000, 90_000, 0, 300, 60_000];

/** Does what it is asked, so many times; then it is dead, as the process whose disk it was. */
function dyingDisk(disk: MemoryDisk, after: number): Disk {
  let calls = 0;
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (inner, name) => {
        const value: unknown = Reflect.get(inner, name);
        if (typeof value !== 'function') return value;
        if (name === 'within') return (folder: string, real?: string) => wrap((inner as Disk).within(folder, real));
        return (...args: unknown[]): unknown => {
          if (++calls > after) return Promise.reject(new Error('dead'));
          const result: unknown = Reflect.apply(value, inner, args);
          return name === 'open' && result instanceof Promise ? result.then((file: object) => wrap(file)) : result;
        };
      },
    });
  return wrap(disk as Disk);
}

function placeOf({ info: { infoHash, pieceCount } }: TestTorrent): StateLocation {
  return { workFolder: '/work', infoHash, pieceCount };
}

/** One run of an identity: takes pieces in, syncs now and then, stops cleanly if it lives so long. */
async function run(
  disk: Disk,
  torrent: TestTorrent,
  layout: StoreLocation['layout'],
  order: readonly number[],
  who: number,
): Promise<void> {
  const at = placeOf(torrent);
  const state = await loadState(disk, at);
  // As the coordinator does it before anybody writes.
  await saveState(disk, at, { ...state, begun: [] }, false);
  const location = testLocation(layout, who);
  const store = await openPieceStore({ disk }, { ...torrent, location, count: 2, owners: state.owners });
  const intake = new PieceIntake({ store, hasher: new SimHasher(), ...torrent, budget: 3 * BLOCK_LENGTH });
  const have = state.have.clone();
  const owners = state.owners.slice();
  for (const [i, index] of order.entries()) {
    const data = torrent.piece(index).subarray(0, torrent.geometry.dataSize(p(index)));
    for (let begin = 0; begin < data.length; begin += BLOCK_LENGTH) {
      const block = data.subarray(begin, begin + BLOCK_LENGTH);
      intake.target(p(index), begin, block.length).set(block);
      intake.arrived(p(index), begin, block.length);
    }
    if (!(await intake.finish(p(index)))) throw new Error('a right piece was refused');
    have.add(index);
    owners[index] = who;
    if (i % 3 === 2) await store.sync();
  }
  await store.sync();
  await store.finish();
  await store.close();
  const unsynced = state.unsynced;
  await saveState(disk, at, { have, owners, unsynced, begun: [], downloaded: 0, uploaded: 0 }, true);
}

const LAYOUTS: readonly StoreLocation['layout'][] = ['in-place', 'parts', 'pieces'];
const CASES = TEST_VERSIONS.flatMap((version) => LAYOUTS.map((layout) => [version, layout] as const));

describe.each(CASES)('a torrent of %s with layout %s', (version, layout) => {
  const torrent = testTorrent(LENGTHS, 2 * BLOCK_LENGTH, version);
  const COUNT = torrent.info.pieceCount;
  const at = placeOf(torrent);

  it.each(['process', 'power'] as const)(
    'whatever dies whenever (%s), what counts as present is right',
    async (how) => {
      const life = fc.record({
        after: fc.nat(250),
        order: fc.uniqueArray(fc.nat(COUNT - 1), { maxLength: COUNT }),
        who: fc.nat(1),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), fc.nat(), async (lives, seed) => {
          const disk = new MemoryDisk();
          await disk.makeDirectory('/work');
          await disk.syncDirectory('/');
          const chance = new SeededRandom(seed).uniform;
          for (const { after, order, who } of lives) {
            await run(dyingDisk(disk, after), torrent, layout, order, who).catch(() => undefined);
            disk.crash(how === 'power' ? chance : 'process');
            const state = await loadState(disk, at);
            const location = testLocation(layout);
            const placement = openPlacement(disk, { ...torrent, location, count: 2, owners: state.owners });
            const doubtful = new Set<number>(state.unsynced);
            if (how === 'process') expect(state.damaged).toBe(false);
            for (const index of state.have.indexes()) {
              const data = new Uint8Array(torrent.piece(index).length);
              const right = (await placement.read(p(index), 0, data)) && sameBytes(data, torrent.piece(index));
              // After the end of a process alone, nothing that was recorded is lost.
              if (how === 'process' || !doubtful.has(index)) expect({ index, right }).toEqual({ index, right: true });
            }
            await placement.close();
            // As the next start does it: what is in doubt is read again, then the record is written anew.
            const pieces = state.damaged ? undefined : state.unsynced;
            const input = { ...torrent, location, count: 2, owners: state.owners, ...(pieces ? { pieces } : {}) };
            const good = await recheck({ disk, hasher: new SimHasher() }, input, () => undefined);
            const { have, owners } = state;
            for (const index of pieces ?? have.indexes()) if (good[index] !== 1) have.delete(index);
            await saveState(disk, at, { have, owners, unsynced: [], begun: [], downloaded: 0, uploaded: 0 }, true);
          }
        }),
        { numRuns: version === 'v1' ? 60 : 30 },
      );
    },
  );
});
