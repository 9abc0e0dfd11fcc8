import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type LocalSeeds, startSeeds } from '../../core/entry/local-swarm.ts';
import { encode } from '../../core/bencode/bencode.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { startLocalTracker } from '../../core/node/local-tracker.ts';
import { expect } from './support/expect.ts';
import type { Front } from './support/front.ts';
import { add, addDialog, drop, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { temporary } from './support/places.ts';
import { served } from './support/served.ts';

const NAME = 'album';
const PIECE = 64 * 1024;
/** The middle file shares a piece with each of its neighbours. */
const FILES = [
  { path: ['cover.jpg'], length: 100_000 },
  { path: ['one.flac'], length: 500_000 },
  { path: ['two.flac'], length: 300_000 },
];

describe.skipIf(served.missing !== undefined)('the files of a torrent', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let tracker: Awaited<ReturnType<typeof startLocalTracker>>;
  let seeds: LocalSeeds;
  let front: Front;
  let torrent: Uint8Array;
  const contents = FILES.map(({ length }) => randomBytes(length));

  beforeAll(async () => {
    place = await temporary();
    const folder = path.join(place.folder, 'seed', NAME);
    await mkdir(folder, { recursive: true });
    for (const [i, { path: names }] of FILES.entries()) await writeFile(path.join(folder, ...names), contents[i] ?? '');
    const all = Buffer.concat(contents);
    const pieces = Array.from({ length: Math.ceil(all.length / PIECE) }, (_, p) =>
      createHash('sha1')
        .update(all.subarray(p * PIECE, (p + 1) * PIECE))
        .digest(),
    );
    tracker = await startLocalTracker();
    torrent = encodeTorrent({
      name: NAME,
      files: FILES,
      pieceLength: PIECE,
      pieceHashes: Buffer.concat(pieces),
      trackers: [[tracker.url]],
    });
    seeds = startSeeds(torrent, path.join(place.folder, 'seed'), 2, 0);
    front = await served.start({ state: path.join(place.folder, 'state'), root: place.folder });
  });
  afterAll(async () => {
    await front.quit();
    await seeds.stop();
    await tracker.close();
    await place.remove();
  });

  it('are chosen when it is added, and others when these are assembled', async () => {
    const { page } = front;
    const out = path.join(place.folder, 'out');
    await drop(page, [{ name: 'album.torrent', data: torrent }]);
    const dialog = addDialog(page, NAME);
    for (const name of ['cover.jpg', 'two.flac']) await dialog.getByRole('checkbox', { name }).click();
    await add(page, NAME, { folder: out, identities: 2, assemble: true });
    await row(page, NAME).click();
    await expect.poll(() => readdir(path.join(out, NAME)).catch(() => [])).toEqual(['one.flac']);

    await page.getByRole('tab', { name: 'Files' }).click();
    const line = (name: string) => page.getByRole('treegrid', { name: 'Files' }).getByRole('row', { name });
    await expect(line('one.flac')).toContainText('100%');
    await expect(line('two.flac').getByRole('combobox')).toHaveValue('skip');
    await line('two.flac').getByRole('combobox').selectOption('Normal');
    await expect(line('two.flac')).toContainText('100%');
    await expect.poll(async () => (await readdir(path.join(out, NAME))).sort()).toEqual(['one.flac', 'two.flac']);
    await expect(line('one.flac')).toContainText('100%');
    await expect(row(page, NAME)).toContainText(/Assembled|Seeding/);
    for (const i of [1, 2]) {
      const content = await readFile(path.join(out, NAME, ...(FILES[i]?.path ?? [])));
      expect(content.equals(contents[i]!)).toBe(true);
    }
    // The cover was not wanted; only the piece that it shares was fetched.
    await expect(line('cover.jpg')).toContainText('34%');
    await expect.poll(() => readdir(out)).toEqual([NAME]);
  });

  it('and their folder are renamed, by F2 and by the menu', async () => {
    const { page } = front;
    const out = path.join(place.folder, 'out');
    const line = (name: string) =>
      page.getByRole('treegrid', { name: 'Files' }).getByRole('row', { name, exact: true });
    await line('one.flac').click();
    await page.keyboard.press('F2');
    const dialog = (name: string) => page.getByRole('dialog', { name: `Rename ${name}` });
    const typed = dialog('one.flac').getByRole('textbox', { name: 'New name' });
    await expect(typed).toBeFocused();
    await typed.fill('a/b');
    await page.keyboard.press('Enter');
    await expect(dialog('one.flac').getByText('A name, without "/".')).toBeVisible();
    await typed.fill('01 One?.flac');
    await picture(page, 'rename');
    await accessible(page, 'rename');
    await page.keyboard.press('Enter');
    await expect(line('01 One?.flac')).toBeVisible();
    await line(NAME).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Rename…' }).click();
    await dialog(NAME).getByRole('textbox', { name: 'New name' }).fill('Record');
    await dialog(NAME).getByRole('button', { name: 'Rename' }).click();
    await expect(line('Record')).toBeVisible();
    await expect(row(page, 'Record')).toContainText(/Assembled|Seeding/);
    await expect.poll(() => readdir(out)).toEqual(['Record']);
    expect((await readdir(path.join(out, 'Record'))).sort()).toEqual(['01 One?.flac', 'two.flac']);
    expect((await readFile(path.join(out, 'Record', '01 One?.flac'))).equals(contents[1]!)).toBe(true);
    await row(page, 'Record').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Rename…' }).click();
    await dialog('Record').getByRole('textbox', { name: 'New name' }).fill(NAME);
    await page.keyboard.press('Enter');
    await expect(row(page, NAME)).toBeVisible();
  });

  it('are told before, where they are named otherwise than in the torrent, and so is what was left out', async () => {
    const { page } = front;
    const files = [
      { path: ['ReadMe'], length: 5 },
      { path: ['readme'], length: 5 },
      { path: ['..', 'up'], length: 5 },
    ];
    const odd = encode({
      'url-list': 3,
      info: { name: 'odd', 'piece length': PIECE, pieces: new Uint8Array(20), files },
    });
    await drop(page, [{ name: 'odd.torrent', data: odd }]);
    const dialog = addDialog(page, 'odd');
    await dialog.getByText('2 files are named otherwise than in the torrent, and something was left out').click();
    const told = dialog.getByRole('listitem');
    await expect(told).toContainText([
      'odd/readme (2) (in the torrent: odd/readme)',
      'odd/_/up (in the torrent: odd/../up)',
      '"url-list" is 3',
    ]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });
});
