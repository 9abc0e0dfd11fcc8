import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { expect } from './support/expect.ts';
import { button, row } from './support/hands.ts';
import { temporary } from './support/places.ts';
import { launchChromium, served, type ServeProcess, startServer } from './support/served.ts';

const name = (n: number): string => `The.Show.S01E0${n}.1080p`;

/** A web server with a feed of torrents that nobody has. */
function startFeed(asked: string[]): Promise<Server> {
  const server = createServer((request, response) => {
    const [, episode] = /^\/(\d)\.torrent\?key=1$/.exec(request.url ?? '') ?? [];
    asked.push(`${request.url} ${request.headers['if-none-match'] ?? ''}`);
    if (episode !== undefined) {
      const torrent = { name: name(Number(episode)), files: 65_536, pieceLength: 65_536 };
      response.end(encodeTorrent({ ...torrent, pieceHashes: new Uint8Array(20), trackers: [] }));
    } else if (request.url !== '/rss?key=1') response.writeHead(404).end();
    else if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else {
      const items = [2, 1].map(
        (n) => `<item><title>${name(n)}</title><guid>${n}</guid>
          <enclosure url="/${n}.torrent?key=1" type="application/x-bittorrent" length="65536"/></item>`,
      );
      response.setHeader('ETag', '"1"');
      response.end(`<rss version="2.0"><channel><title>Shows</title>${items.join('')}</channel></rss>`);
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe.skipIf(served.missing !== undefined)('feeds, and torrents of one’s own', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let web: Server;
  let program: ServeProcess;
  let browser: Browser;
  const asked: string[] = [];

  beforeAll(async () => {
    place = await temporary();
    const files = path.join(place.folder, 'files');
    await mkdir(files);
    web = await startFeed(asked);
    program = await startServer(path.join(place.folder, 'state'), files);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await program.end();
    web.close();
    await place.remove();
  });

  it('what a rule takes of a feed comes into the list, once', async () => {
    const page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
    await page.goto(program.url);
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/rss?key=1`;
    await button(page, 'Settings').click();
    await page.getByRole('tab', { name: 'Feeds' }).click();
    await button(page, 'Add a feed').click();
    await page.getByLabel('Address').fill(url);
    await button(page, 'Save').click();
    await expect(page.getByRole('list', { name: 'Feeds' }).getByText('2 items, just now')).toBeVisible();
    await button(page, 'Add a rule').click();
    await page.getByLabel('Name of the rule').fill('one');
    await page.getByLabel('Title has', { exact: true }).fill('show s01e01');
    await expect(page.getByText('Takes 1 of the 2 items')).toBeVisible();
    await button(page, 'Save').click();
    await button(page, 'Show what is in Shows').click();
    const taken = page.getByRole('list', { name: 'Items of Shows' }).getByText('was taken');
    await expect(taken).toHaveCount(1);
    await button(page, `Download ${name(2)}`).click();
    await expect(taken).toHaveCount(2);
    await button(page, 'Back to the feeds').click();
    await button(page, 'Look at Shows now').click();
    await expect.poll(() => asked).toContain('/rss?key=1 "1"');
    await button(page, 'Done').click();
    for (const n of [1, 2]) await expect(row(page, name(n))).toBeVisible();
    expect(asked.filter((one) => one.includes('.torrent'))).toHaveLength(2);
  });

  it('a folder becomes a torrent that is saved, and seeded from where it is', async () => {
    const page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
    await page.goto(program.url);
    const folder = path.join(place.folder, 'files', 'photos');
    await mkdir(folder);
    await writeFile(path.join(folder, 'a.raw'), new Uint8Array(300_000).fill(7));
    await button(page, 'More').click();
    await page.getByRole('menuitem', { name: 'Create a torrent…' }).click();
    await page.getByLabel('File or folder').fill(folder);
    await page.getByLabel('Version').selectOption('hybrid');
    await button(page, 'Create').click();
    await expect(page.getByText('1 file, 300 kB in 19 pieces of 16 KiB')).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText(`Saved: ${folder}.torrent`)).toBeVisible();
    const { info } = parseTorrent(await readFile(`${folder}.torrent`));
    expect(info.id.v1 !== undefined && info.id.v2 !== undefined).toBe(true);
    await button(page, 'Seed it now').click();
    await expect(row(page, 'photos')).toContainText('Seeding');
  });
});
