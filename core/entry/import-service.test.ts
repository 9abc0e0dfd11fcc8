import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { InfoHashV1, InfoHashV2, TorrentKey } from '../base/ids.ts';
import type { Engine, Source } from '../engine/engine.ts';
import { defaultSettings } from '../engine/settings.ts';
import { FakeEngine } from '../engine/testing/fake-engine.ts';
import { StillDownload } from '../engine/testing/still-download.ts';
import { parseMagnet } from '../metainfo/magnet.ts';
import { VirtualClock } from '../sim/clock.ts';
import { openImportService } from './import-service.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ensemble-others-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const v1 = (digit: string): string => digit.repeat(40);
const v2 = (digit: string): string => digit.repeat(64);
const link = (...hashes: string[]): string =>
  `magnet:?${hashes.map((one) => (one.length === 64 ? `xt=urn:btmh:1220${one}` : `xt=urn:btih:${one}`)).join('&')}`;

/** A session of aria2 with these links, and a program whose list has one torrent of these hashes. */
async function open(links: readonly string[], has: { infoHashV1?: string; infoHashV2?: string } = {}) {
  await writeFile(join(folder, 'aria2.session'), links.map((one) => `${one}\n dir=${folder}\n`).join(''));
  const make = (source: Source): StillDownload =>
    new StillDownload(parseMagnet(source.kind === 'magnet' ? source.link : '').id.key);
  const first = new StillDownload('0'.repeat(40) as TorrentKey);
  const { infoHashV1, infoHashV2 } = has;
  first.become({
    ...(infoHashV1 !== undefined && { infoHashV1: infoHashV1 as InfoHashV1 }),
    ...(infoHashV2 !== undefined && { infoHashV2: infoHashV2 as InfoHashV2 }),
  });
  const engine = new FakeEngine({ clock: new VirtualClock(), downloads: [first], make });
  let looks = 0;
  const downloads: Engine['downloads'] = engine.downloads.bind(engine);
  engine.downloads = () => (looks++, downloads());
  const settings = { current: defaultSettings('/downloads'), change: () => Promise.reject(new Error('not expected')) };
  const importer = openImportService(engine, settings, { permit: (one) => Promise.resolve(one) });
  return { engine, importer, looks: () => looks };
}

const HOW = { output: '/downloads', paused: false };

test('what is in the list is not taken, by whichever of its hashes it is known', async () => {
  const has = { infoHashV1: v1('a'), infoHashV2: v2('b') };
  const { engine, importer } = await open([link(v1('a')), link(v2('b')), link(v1('c')), link(v1('c'), v2('d'))], has);
  expect((await importer.look(folder, '/downloads')).map(({ present }) => present)).toEqual([true, true, false, false]);
  expect(await importer.take(folder, HOW)).toEqual({ added: 1, present: 3, refused: 0, failures: [] });
  expect(engine.calls).toEqual(['add']);
});

test('the list is looked at once, not once a record', async () => {
  const { importer, looks } = await open(Array.from('abcdef').map((digit) => link(v1(digit))));
  expect(await importer.take(folder, HOW)).toMatchObject({ added: 6 });
  expect(looks()).toBe(1);
});

test('of several that are one torrent the first is taken, and of what is chosen no more than that', async () => {
  const { importer } = await open([link(v1('a')), link(v1('a'), v2('b')), link(v1('c')), link(v1('d'))]);
  const found = await importer.look(folder, '/downloads');
  expect(found.map(({ how }) => how)).toEqual(['download', null, 'download', 'download']);
  expect(found[1]?.notes.join(' ')).toContain('same torrent');
  const only = [v1('a'), v1('d'), v1('e')] as TorrentKey[];
  expect(await importer.take(folder, { ...HOW, only })).toEqual({ added: 2, present: 1, refused: 0, failures: [] });
  expect((await importer.look(folder, '/downloads')).map(({ present }) => present)).toEqual([true, true, false, true]);
});
