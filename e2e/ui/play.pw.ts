import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type LocalSeeds, startSeeds } from '../../core/entry/local-swarm.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { startLocalTracker } from '../../core/node/local-tracker.ts';
import { expect } from './support/expect.ts';
import type { Front } from './support/front.ts';
import { add, button, drop, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { temporary } from './support/places.ts';
import { served } from './support/served.ts';

const NAME = 'holiday';
const FILM = 'film.mp4';
const SECONDS = 60;
const PIECE = 256 * 1024;
const SEEDS = 4;
/** Bytes a second of each seed: as fast as the machine is, and while something has to come before the rest. */
const FAST = 16 * 1024 * 1024;
const SLOW = 96 * 1024;
/** Until it is played next to nothing comes, however long it takes to get there. */
const HARDLY = 4 * 1024;

const missing =
  served.missing ??
  (spawnSync('ffmpeg', ['-version']).status === 0 ? undefined : 'there is no ffmpeg (package ffmpeg)');

/** A film with its table of contents at the end, as most are: about 28 MB. */
function makeFilm(file: string): void {
  const picture = `testsrc2=size=640x360:rate=25:duration=${SECONDS}`;
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-b:v', '3600k'];
  const rate = ['-minrate', '3600k', '-maxrate', '3600k', '-bufsize', '1800k', '-x264-params', 'nal-hrd=cbr'];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${SECONDS}`, '-c:a', 'aac', '-b:a', '128k'];
  execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', picture, ...sound, ...encode, ...rate, file]);
}

describe.skipIf(missing !== undefined)('a film that is played while it comes', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let tracker: Awaited<ReturnType<typeof startLocalTracker>>;
  let seeds: LocalSeeds;
  let front: Front;
  let page: Page;
  let film: Buffer;
  let torrent: Uint8Array;

  beforeAll(async () => {
    place = await temporary();
    const folder = path.join(place.folder, 'seed', NAME);
    await mkdir(folder, { recursive: true });
    makeFilm(path.join(folder, FILM));
    film = await readFile(path.join(folder, FILM));
    const notes = Buffer.from('A film to look at.\n');
    await writeFile(path.join(folder, 'notes.txt'), notes);
    const all = Buffer.concat([film, notes]);
    const hashes: Buffer[] = [];
    for (let at = 0; at < all.length; at += PIECE) {
      hashes.push(
        createHash('sha1')
          .update(all.subarray(at, at + PIECE))
          .digest(),
      );
    }
    tracker = await startLocalTracker();
    torrent = encodeTorrent({
      name: NAME,
      files: [
        { path: [FILM], length: film.length },
        { path: ['notes.txt'], length: notes.length },
      ],
      pieceLength: PIECE,
      pieceHashes: Buffer.concat(hashes),
      trackers: [[tracker.url]],
    });
    seeds = startSeeds(Buffer.from(torrent), path.join(place.folder, 'seed'), SEEDS, FAST);
    seeds.limit(HARDLY);
    front = await served.start({ state: path.join(place.folder, 'state'), root: place.folder });
    ({ page } = front);
  }, 180_000);

  afterAll(async () => {
    await front?.quit();
    await seeds?.stop();
    await tracker?.close();
    await place?.remove();
  });

  const line = (name: string) => page.getByRole('treegrid', { name: 'Files' }).getByRole('row', { name });
  /** What the row tells; while a dialog is open it is hidden from those who ask for roles. */
  const percent = async (): Promise<number> => {
    const cells = page.locator('tbody tr').filter({ hasText: FILM }).locator('td');
    return Number(/^(\d+)\s*%$/.exec((await cells.allTextContents()).find((cell) => cell.endsWith('%')) ?? '')?.[1]);
  };
  const player = () => page.getByRole('dialog', { name: FILM }).locator('video');
  const now = () =>
    player().evaluate((video: HTMLVideoElement) => ({
      at: video.currentTime,
      error: video.error?.message,
      ready: video.readyState,
    }));

  it('begins before a tenth of it is there', async () => {
    await drop(page, [{ name: `${NAME}.torrent`, data: torrent }]);
    await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: 2, assemble: true });
    await row(page, NAME).click();
    await page.getByRole('tab', { name: 'Files' }).click();
    await expect(line('notes.txt').getByRole('button', { name: 'Play' })).toHaveCount(0);
    await button(page, `Play ${FILM}`).press('Enter');
    seeds.limit(SLOW);
    await player().evaluate((video: HTMLVideoElement) => {
      video.muted = true;
      return video.play();
    });
    await expect.poll(async () => (await now()).at, { timeout: 60_000 }).toBeGreaterThan(0.1);
    expect(await percent()).toBeLessThan(10);
  });

  it('looks right in light and dark and where there is little room', async () => {
    await player().evaluate((video: HTMLVideoElement) => video.pause());
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `player, ${colorScheme}`);
      await picture(page, `player-${colorScheme}-served`);
    }
    await page.setViewportSize({ width: 390, height: 780 });
    await accessible(page, 'player, 390 px');
    await picture(page, 'player-narrow-served');
    await page.setViewportSize({ width: 1240, height: 800 });
  });

  it('seeks to its end, long before that is its turn', async () => {
    await player().evaluate((video: HTMLVideoElement, to) => {
      video.currentTime = to;
      void video.play();
    }, SECONDS - 3);
    await expect
      .poll(async () => now(), { timeout: 60_000 })
      .toMatchObject({ at: expect.any(Number), error: undefined, ready: 4 });
    await expect.poll(async () => (await now()).at, { timeout: 60_000 }).toBeGreaterThan(SECONDS - 2.5);
    expect(await percent()).toBeLessThan(60);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog', { name: FILM })).toBeHidden();
    await expect(button(page, `Play ${FILM}`)).toBeFocused();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `files, ${colorScheme}`);
      await picture(page, `files-${colorScheme}-served`);
    }
    await page.setViewportSize({ width: 390, height: 780 });
    await picture(page, 'files-narrow-served');
    await page.setViewportSize({ width: 1240, height: 800 });
  });

  it('is whole and the same in the end, and still plays', async () => {
    seeds.limit(0);
    await expect(row(page, NAME)).toContainText(/Assembled|Seeding/, { timeout: 120_000 });
    expect((await readFile(path.join(place.folder, 'out', NAME, FILM))).equals(film)).toBe(true);
    await button(page, `Play ${FILM}`).click();
    await player().evaluate((video: HTMLVideoElement) => {
      video.muted = true;
      return video.play();
    });
    await expect.poll(async () => (await now()).at).toBeGreaterThan(0.1);
    const src = (await player().getAttribute('src')) ?? '';
    await button(page, 'Close').click();

    // Nobody gets it without a session, and with one nobody gets anything but films and music.
    const { origin } = new URL(page.url());
    const status = (url: string): Promise<number> => page.evaluate(async (at) => (await fetch(at)).status, url);
    expect((await fetch(`${origin}${src}`)).status).toBe(401);
    expect([await status(src), await status(src.replace(FILM, 'notes.txt'))]).toEqual([200, 404]);
  });

  it('is served to others by HTTP once the settings say so, and no longer when they do not', async () => {
    const set = async (on: boolean): Promise<void> => {
      await button(page, 'Settings').click();
      const dialog = page.getByRole('dialog', { name: 'Settings' });
      await dialog.getByRole('tab', { name: 'Network' }).click();
      await dialog.getByRole('checkbox', { name: 'Serve verified files by HTTP' }).click();
      await expect(dialog.getByText(/^Served at http:/)).toHaveCount(on ? 1 : 0);
      await dialog.getByRole('button', { name: 'Done' }).click();
    };
    await set(true);
    await page.getByRole('tab', { name: 'Info' }).click();
    const address = page.getByText(/^http:\/\/127\.0\.0\.1:\d+\//);
    const url = `${await address.innerText()}${NAME}/${FILM}`;
    const got = await fetch(url, { headers: { range: 'bytes=1000-1999' } });
    expect([got.status, Buffer.from(await got.arrayBuffer()).equals(film.subarray(1000, 2000))]).toEqual([206, true]);
    expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(film)).toBe(true);
    expect((await fetch(new URL(`/${NAME}/${FILM}`, url))).status).toBe(404);
    await set(false);
    await expect(address).toHaveCount(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});
