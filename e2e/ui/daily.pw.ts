import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, sameFiles, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { type DesktopFront, development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import { PATIENCE } from './support/front.ts';
import { add, addDialog, button, description, drop, piecesThere, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { root, temporary } from './support/places.ts';
import { launchChromium, served, type ServeProcess, startServer } from './support/served.ts';

const NAME = 'ensemble-demo.bin';
const DEAD = 'nobody-has-this.bin';
const HASH = '0123456789abcdef0123456789abcdef01234567';

/** A tracker that knows no torrent, and a web server with one. */
function startServers(torrent: Uint8Array): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/announce') === true) response.end('d14:failure reason20:unregistered torrente');
    else if (request.url === '/some.torrent') response.end(torrent);
    else response.writeHead(404).end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function deadTorrent(tracker: string): Uint8Array {
  return encodeTorrent({
    name: DEAD,
    files: 65_536,
    pieceLength: 65_536,
    pieceHashes: new Uint8Array(20),
    trackers: [[tracker]],
  });
}

const state = (page: Page, name: string): ReturnType<typeof row> => row(page, name);
const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });

describe.skipIf(served.missing !== undefined)('daily use in a browser', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let swarm: LocalSwarm;
  let servers: Server;
  let server: ServeProcess | undefined;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const folder = (...names: string[]): string => path.join(place.folder, 'files', ...names);
  /** The program's port, which stays the same when it starts again; 0: it has not started yet. */
  let port = 0;

  const serve = async (): Promise<ServeProcess> => {
    server = await startServer(path.join(place.folder, 'state'), folder(), ['--port', String(port)]);
    port = Number(new URL(server.url).port);
    return server;
  };
  const shown = async (name: string): Promise<void> => {
    for (const [suffix, width] of [
      ['', 1240],
      ['-narrow', 390],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await accessible(page, `${name}${suffix}, ${colorScheme}`);
        await picture(page, `${name}${suffix}${colorScheme === 'dark' ? '-dark' : ''}`);
      }
    }
    await page.setViewportSize({ width: 1240, height: 800 });
  };

  beforeAll(async () => {
    place = await temporary();
    for (const name of ['out', 'moved', 'other', 'swarm']) await mkdir(folder(name), { recursive: true });
    swarm = await startLocalSwarm({ folder: folder('swarm'), mebibytes: 4, seeds: 2, uploadRate: 8 * 1024 * 1024 });
    servers = await startServers(swarm.torrent);
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1240, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const { url } = await serve();
    await page.goto(url);
    await button(page, 'Add torrent').waitFor();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      await page.screenshot({ path: path.join(root, 'coverage/ui', `${task.id}.png`) });
  });
  afterAll(async () => {
    await browser.close();
    await server?.end();
    await swarm.close();
    servers.close();
    await place.remove();
  });
  const at = (name: string): string => `http://127.0.0.1:${(servers.address() as AddressInfo).port}/${name}`;

  it('reads what people paste, or says what is wrong with it', async () => {
    const paste = async (text: string): Promise<void> => {
      await button(page, 'Paste link').first().click();
      const field = page.getByRole('textbox', { name: 'Magnet link' });
      await field.fill(text);
      await field.press('Enter');
    };
    const isAsked = async (name: string): Promise<void> => {
      await addDialog(page, name).getByRole('button', { name: 'Cancel' }).click();
      await expect(page.getByRole('dialog')).toHaveCount(0);
    };
    for (const text of [HASH, `"magnet:?xt=urn:btih:${HASH}"`, encodeURIComponent(`magnet:?xt=urn:btih:${HASH}`)]) {
      await paste(text);
      await isAsked(HASH);
    }
    await paste(`magnet:?xt=urn:btih:${HASH}&amp;dn=A+name&amp;tr=http%3A%2F%2F127.0.0.1%3A1%2F`);
    await expect(addDialog(page, 'A name')).toContainText('1 tracker');
    await isAsked('A name');
    await paste(at('some.torrent'));
    await isAsked(NAME);
    await paste(HASH.slice(1));
    await expect(page.getByRole('dialog')).toContainText('39 digits');
    await page.keyboard.press('Escape');
    await paste(at('none'));
    await expect(page.getByRole('alert').filter({ hasText: '404' })).toBeVisible();
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
  });

  it('one identity is an ordinary client, and what is in the way is used or left by a button', async () => {
    await drop(page, [{ name: 'dead.torrent', data: deadTorrent(at('announce')) }]);
    await add(page, DEAD, { folder: folder('out') });

    // The same file, but for one byte and its last one, is there already.
    const content = await readFile(swarm.payload);
    content[0] = (content[0] ?? 0) ^ 1;
    await writeFile(folder('out', NAME), content.subarray(0, -1));
    await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    const dialog = addDialog(page, NAME);
    await dialog.getByRole('textbox', { name: 'Save in' }).fill(folder('out'));
    await expect(dialog.getByRole('spinbutton', { name: 'Identities' })).toHaveValue('1');
    await expect(dialog.getByRole('radiogroup', { name: 'Selection' })).toHaveCount(0);
    await dialog.getByRole('button', { name: 'Download', exact: true }).click();
    await expect(dialog.getByRole('alert')).toContainText('Something else is where');
    await shown('add-occupied');
    await dialog.getByRole('button', { name: 'Use what is right in it' }).click();
    await expect(dialog).toBeHidden();
    await expect(state(page, NAME)).toContainText(/Done|Seeding/);
    expect(await sameFiles(folder('out', NAME), swarm.payload)).toBe(true);
    await row(page, NAME).click();
    await expect(tab(page, 'Identities')).toHaveCount(0);
    await expect(page.getByRole('group', { name: 'Info' })).toContainText(folder('out'));
    await expect(page.getByRole('img', { name: 'Pieces', exact: true })).toBeVisible();
    await shown('done-alone');
  });

  it('files that were moved are located', async () => {
    await mkdir(folder('moved'), { recursive: true });
    await rename(folder('out', NAME), folder('moved', NAME));
    await row(page, NAME).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Check the pieces again' }).click();
    await expect(state(page, NAME)).toContainText('Files are missing');
    const ways = page.getByRole('group', { name: 'What can be done' });
    for (const name of ['Download again', 'Remove from the list'])
      await expect(ways.getByRole('button', { name })).toBeVisible();
    await shown('missing');
    await page.getByRole('radio', { name: 'Failed 1' }).click();
    await expect(page.getByRole('grid', { name: 'Downloads' }).getByRole('row')).toHaveCount(1);
    await page.getByRole('radio', { name: /^All/ }).click();
    await ways.getByRole('button', { name: 'Locate…' }).click();
    const browse = page.getByRole('dialog', { name: 'Choose the folder that holds the files' });
    await browse.getByRole('button', { name: 'One folder up' }).click();
    await browse.getByRole('button', { name: 'moved' }).click();
    await expect(browse).toContainText(folder('moved'));
    await browse.getByRole('button', { name: 'They are here' }).click();
    await expect(state(page, NAME)).toContainText(/Done|Seeding/);
    await expect(page.getByRole('group', { name: 'Info' })).toContainText(folder('moved'));
  });

  it('on a phone the list comes first, and a detail has a way back', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await button(page, 'Back to the list').click();
    await expect(row(page, NAME)).toBeVisible();
    await expect(page.getByRole('region', { name: `Download ${NAME}` })).toHaveCount(0);
    for (const name of ['Add torrent', 'Paste link', 'Settings', 'Pause', 'Remove'])
      await expect(button(page, name)).toBeInViewport({ ratio: 1 });
    await expect(page.getByRole('searchbox')).toBeInViewport({ ratio: 1 });
    await picture(page, 'phone-list');
    await row(page, NAME).click();
    await expect(page.getByRole('region', { name: `Download ${NAME}` })).toBeVisible();
    for (const name of ['Peers', 'Files', 'Sources', 'Log', 'Info']) {
      await tab(page, name).click();
      await expect(tab(page, name)).toHaveAttribute('aria-selected', 'true');
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(wide).toBe(false);
    await accessible(page, 'phone');
    await picture(page, 'phone-detail');
    await button(page, 'Back to the list').click();
    await expect(row(page, NAME)).toBeVisible();
    await page.setViewportSize({ width: 1240, height: 800 });
  });

  it('what gets nothing says why, and is found by a filter', async () => {
    await expect(state(page, DEAD)).toContainText('Stalled');
    await expect(state(page, DEAD)).toContainText('unregistered torrent');
    await row(page, DEAD).click();
    await expect(page.getByRole('region', { name: `Download ${DEAD}` })).toContainText('unregistered torrent');
    await page.getByRole('radio', { name: 'Stalled 1' }).click();
    await expect(page.getByRole('grid', { name: 'Downloads' }).getByRole('row')).toHaveCount(1);
    await shown('stalled');
  });

  it('after a restart the window is let in by itself, and shows what it showed', async () => {
    await page.getByRole('radio', { name: /^All/ }).click();
    await row(page, NAME).click();
    await tab(page, 'Log').click();
    await expect(page.getByRole('log')).toContainText('Every piece is verified');
    await page.getByRole('button', { name: /^Sort by/ }).click();
    await page.getByRole('menuitemradio', { name: 'Name' }).click();
    await page.getByRole('radio', { name: 'Done 1', exact: true }).click();
    const kept = async (): Promise<unknown> =>
      JSON.parse(await readFile(path.join(place.folder, 'state/settings.json'), 'utf8'));
    await expect.poll(kept).toMatchObject({ view: { tab: 'log', sort: 'name', filter: 'done' } });
    await server?.end();
    const banner = page.getByRole('status').filter({ hasText: 'Connecting' });
    await expect(banner).toBeVisible();
    // It pushes the rest down instead of covering it.
    const box = await banner.boundingBox();
    const toolbar = await button(page, 'Add torrent').boundingBox();
    expect(toolbar?.y ?? 0).toBeGreaterThanOrEqual((box?.y ?? 0) + (box?.height ?? 0));
    await shown('connecting');
    await serve();
    await expect(banner).toBeHidden();
    await page.goto(`http://127.0.0.1:${port}/`);
    await expect(tab(page, 'Log')).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('radio', { name: /^Done/ })).toBeChecked();
    await expect(page.getByRole('button', { name: 'Sort by: Name' })).toBeVisible();
    await row(page, NAME).click();
    await expect(page.getByRole('log')).toContainText('Every piece is verified');
    await expect(page.getByRole('log')).toContainText(String(new Date().getFullYear()));
    await page.getByRole('radio', { name: /^All/ }).click();
  });

  it('who fetched which piece is known after a restart, too', async () => {
    await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    await page.getByRole('alert').filter({ hasText: 'in the list already' }).waitFor();
    await row(page, NAME).click();
    await page.keyboard.press('Delete');
    await page.getByRole('dialog').getByRole('checkbox').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove and delete' }).click();
    await expect(row(page, NAME)).toHaveCount(0);
    await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    await add(page, NAME, { folder: folder('out'), identities: 2, assemble: true });
    await expect(state(page, NAME)).toContainText(/Assembled|Seeding/);
    const map = page.getByRole('img', { name: 'Pieces by identity' });
    await expect.poll(() => piecesThere(page)).toBe(16);
    const before = await description(map);
    // Which of them was there first is a matter of luck.
    expect(before).toMatch(/identity [12] fetched [1-9]/);
    await server?.end();
    await serve();
    await page.goto(`http://127.0.0.1:${port}/`);
    await row(page, NAME).click();
    await expect.poll(() => description(map)).toBe(before);
  });

  it('whoever has no session gets a field', async () => {
    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    await other.goto(`http://127.0.0.1:${port}/`);
    await other.getByLabel('Token or password').fill('a wrong one');
    await other.getByRole('button', { name: 'Open' }).click();
    await expect(other.getByRole('alert')).toContainText('wrong');
    await picture(other, 'let-in');
    await other.getByLabel('Token or password').fill(new URL(server!.url).searchParams.get('token') ?? '');
    await other.getByRole('button', { name: 'Open' }).click();
    await expect(other.getByRole('button', { name: 'Add torrent' })).toBeVisible();
    await stranger.close();
  });
});

describe.skipIf(development.missing !== undefined)('daily use on the desktop', () => {
  it('a folder that cannot be used is exchanged in the system’s dialog', async () => {
    const place = await temporary();
    const folder = (name: string): string => path.join(place.folder, name);
    for (const name of ['swarm', 'other']) await mkdir(folder(name));
    const swarm = await startLocalSwarm({
      folder: folder('swarm'),
      mebibytes: 1,
      seeds: 1,
      uploadRate: 8 * 1024 * 1024,
    });
    let front: DesktopFront | undefined;
    try {
      front = await development.start({ state: folder('state'), root: place.folder });
      const { page, app } = front;
      // A file is where the folder should be.
      await writeFile(folder('no-folder'), '');
      await app.evaluate(({ dialog }, chosen) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
      }, folder('other'));
      await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
      const asked = addDialog(page, NAME);
      await asked.getByRole('textbox', { name: 'Save in' }).fill(folder('no-folder'));
      await asked.getByRole('button', { name: 'Download', exact: true }).click();
      await expect(asked.getByRole('alert')).toBeVisible();
      await asked.getByRole('button', { name: 'Choose another folder…' }).click();
      await expect(asked.getByRole('textbox', { name: 'Save in' })).toHaveValue(folder('other'));
      await asked.getByRole('button', { name: 'Download', exact: true }).click();
      await expect(row(page, NAME)).toContainText(/Done|Seeding/);
      expect(await sameFiles(path.join(folder('other'), NAME), swarm.payload)).toBe(true);
    } finally {
      await front?.quit();
      await swarm.close();
      await place.remove();
    }
  });
});
