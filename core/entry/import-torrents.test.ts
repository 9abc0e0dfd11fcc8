import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { Catalog } from '../coordinator/catalog/catalog.ts';
import type { Found } from '../import/found.ts';
import type { Planned } from '../import/look.ts';
import { NodeDisk } from '../node/disk.ts';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { openImporter } from './import-torrents.ts';
import { holdStateFolder } from './state-folder.ts';

let state: string;
beforeEach(async () => (state = join(await mkdtemp(join(tmpdir(), 'ensemble-import-')), 'state')));
afterEach(() => rm(join(state, '..'), { recursive: true, force: true }));

const random = new SeededRandom(3);
function planned(name: string, changes: Partial<Found> = {}, inPlace?: string): Planned {
  const { info } = simTorrent(random, { files: 40_000, pieceLength: 16_384, name }).torrent;
  const { infoHash, id } = info;
  const found: Found = {
    client: 'transmission',
    record: name,
    key: id.key,
    infoHash,
    name,
    source: { kind: 'torrent', data: wrapInfo(info, []), info },
    folders: ['/dl'],
    renamed: new Map(),
    endings: [],
    have: 0,
    complete: false,
    options: {},
    paused: false,
    downloaded: 0,
    uploaded: 0,
    seeded: millis(0),
    notes: [],
    ...changes,
  };
  return { found, inPlace, others: [`/dl/${name}`], files: { wanted: 1, there: 1 } };
}

const CHOICE = { output: '/out', paused: false };

test('what is taken over is in the list with the next start, once, with what its record says', async () => {
  const first = planned(
    'a',
    {
      complete: true,
      options: { tags: ['films'], up: 5 as never },
      paused: true,
      added: millis(1000),
      downloaded: 7,
      uploaded: 8,
      seeded: millis(9),
    },
    '/dl',
  );
  // So many that they go into a pack.
  const others = Array.from({ length: 20 }, (_, i) => planned(`other ${i}`));
  const into = await openImporter(state, { dry: false });
  for (const one of [first, ...others]) {
    expect(into.has(one.found)).toBe(false);
    await into.add(one, CHOICE);
    expect(into.has(one.found)).toBe(true);
  }
  await into.finish();
  await into.close();

  const catalog = new Catalog(new NodeDisk(), state);
  const entries = await catalog.read();
  await catalog.torrents.look(await catalog.names());
  expect(entries).toHaveLength(21);
  expect(entries[0]).toMatchObject({
    infoHash: first.found.infoHash,
    options: { output: '/dl', tags: ['films'], up: 5, identities: 1, seed: { kind: 'goals' } },
    paused: true,
    added: 1000,
    // It was whole by then, though its record does not tell since when.
    finished: 1000,
    others: ['/dl/a'],
    downloaded: 7,
    uploaded: 8,
    seeded: 9,
  });
  expect(entries[1]).toMatchObject({ options: { output: '/out' }, paused: false });
  for (const { infoHash } of entries) expect(await catalog.torrents.read(infoHash)).toBeDefined();
  const again = await openImporter(state, { dry: true });
  expect([first, ...others].every(({ found }) => again.has(found))).toBe(true);
  await again.close();
});

test('while a program runs with the list it is only looked at', async () => {
  const lock = await holdStateFolder(state);
  await expect(openImporter(state, { dry: false })).rejects.toMatchObject({ code: 'in-use' });
  await (await openImporter(state, { dry: true })).close();
  await lock.release();
});
