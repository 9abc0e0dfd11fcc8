import { describe, expect, it } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { torrentKey } from '../../base/ids.ts';
import { figure, times } from '../../sim/acceptance.ts';
import { SimSwarm } from '../../sim/swarm.ts';
import { UsersTree } from '../testing/users-tree.ts';

const PIECE = 32 * 1024;
const FILES = [
  { path: ['a.bin'], length: 3 * PIECE + 777 },
  { path: ['deep', 'empty.txt'], length: 0 },
  { path: ['deep', 'b.bin'], length: 3 * PIECE + 1 },
];
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];
const ADDRESSES = ['10.9.0.1', '10.9.0.2'];
const VICTIM = '/victim';

/** Downloads on a whole simulated machine; at the `n`-th disk operation a folder of ours is exchanged for a link. */
async function run(seed: number, layout: LayoutKind, n: number): Promise<{ operations: number; swapped: boolean }> {
  const swarm = new SimSwarm(seed, { files: FILES, pieceLength: PIECE });
  for (const address of ['10.0.0.1', '10.0.0.2']) swarm.seed(address, { up: 8 * PIECE, down: 8 * PIECE });
  const ours = swarm.machine({ addresses: ADDRESSES, down: 16 * PIECE, up: 16 * PIECE });
  const users = new UsersTree(ours.disk, swarm.random);
  // Behind the link everything has the names that ours have.
  for (const { path } of FILES) {
    for (const from of [0, path.length - 1]) users.put(`${VICTIM}/${path.slice(from).join('/')}`);
    users.put(`${VICTIM}/files/payload/${path.join('/')}`);
    users.put(`${VICTIM}/payload/${path.join('/')}`);
  }
  for (const name of [
    '0',
    '1',
    '2',
    'lock',
    'manifest.json',
    'resume',
    'have-0',
    'part-0',
    'part-0.1',
    'part-0.index',
  ]) {
    for (const folder of ['', 'pieces/', 'claims/', 'begun-0/']) users.put(`${VICTIM}/${folder}${name}`);
  }
  let operations = 0;
  let swapped = false;
  ours.disk.before = (operation) => {
    if (++operations < n || swapped) return;
    const folders = [...users.folders(['/out']), ...(operation === 'realPath' ? [] : ['/out'])];
    const there = folders.filter((folder) => ours.disk.kindAt(folder) === 'directory');
    if (there.length === 0) return;
    swapped = true;
    users.swap(users.pick(there), VICTIM);
  };
  const { clock, torrent } = swarm;
  const options = { identities: 2, bind: ADDRESSES, layout };
  const added = await ours.add(torrent, options).then(
    () => true,
    () => false,
  );
  if (added) {
    const end = await ours.until(torrent, ['done'], 300_000);
    if (!swapped) expect(end).toMatchObject({ state: 'done' });
    await clock
      .resolve(ours.coordinator.remove(torrentKey(torrent.info.infoHash), { data: true }))
      .catch(() => undefined);
  }
  await clock.resolve(ours.coordinator.close()).catch(() => undefined);
  users.expectWhole(`after a swap at operation ${n}, ${layout}`);
  return { operations, swapped };
}

describe.each(LAYOUTS)('layout %s', (layout) => {
  it('a folder that becomes a link at any disk operation: nothing behind it is written, renamed or removed', async (test) => {
    const { operations: most } = await run(1, layout, Number.POSITIVE_INFINITY);
    const moments = Math.min(most, times(25, most));
    let swaps = 0;
    for (let i = 0; i < moments; i++) {
      const n = 1 + Math.floor(((i + 0.5) * most) / moments);
      if ((await run(1 + (i % 7), layout, n)).swapped) swaps++;
    }
    expect(swaps).toBeGreaterThan(moments / 2);
    figure(
      test,
      `${layout}: ${swaps} folders exchanged for links at ${moments} moments of ${most}, nothing touched behind them`,
    );
  });
});
