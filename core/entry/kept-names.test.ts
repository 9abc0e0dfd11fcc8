import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { InfoHashV1 } from '../base/ids.ts';
import { Catalog } from '../coordinator/catalog/catalog.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { NodeDisk } from '../node/disk.ts';
import { keptNames } from './kept-names.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ensemble-names-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const names = [{ path: 'a', name: 'another' }];
const entry = (digit: string, changes: object) => ({
  infoHash: digit.repeat(40) as InfoHashV1,
  magnet: `magnet:?xt=urn:btih:${digit.repeat(40)}`,
  options: ordinaryOptions('/out', changes),
  paused: false,
  downloaded: 0,
  uploaded: 0,
});

test('names that were chosen are found in the list, and a list that cannot be read has none', async () => {
  const catalog = new Catalog(new NodeDisk(), folder);
  expect((await keptNames(folder)).size).toBe(0);
  await catalog.write([entry('a', {})]);
  expect((await keptNames(folder)).size).toBe(0);
  await catalog.write([entry('a', {}), entry('b', { names })]);
  expect((await keptNames(folder)).get('b'.repeat(40) as InfoHashV1)).toEqual(names);
  await writeFile(join(folder, 'catalog.json'), '{"names":[{');
  expect((await keptNames(folder)).size).toBe(0);
});
