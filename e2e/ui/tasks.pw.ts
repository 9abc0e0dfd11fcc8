import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, sameFiles, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { Effort } from './support/effort.ts';
import { development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import type { Front, FrontKind } from './support/front.ts';
import { add, addDialog, button, drop, row } from './support/hands.ts';
import { NOWHERE, root, temporary } from './support/places.ts';
import { chosen, type Series, startSeries, torrentOf } from './support/series.ts';
import { served } from './support/served.ts';

const FILM = 'film.bin';
const SERIES = 'A series';
const DEAD = 'nobody-has-this.bin';
const LECTURES = Array.from({ length: 20 }, (_, n) => `lecture ${String(n + 1).padStart(2, '0')}.mp4`);
const [host = '', port = ''] = NOWHERE.split(':');
/** Nobody outside of this machine is asked for what nobody has. */
const QUIET = { version: 2, dht: false, pex: false, lsd: false, portMap: false };

/** A tracker that knows no torrent. */
function startTracker(): Promise<Server> {
  const server = createServer((_, response) => response.end('d14:failure reason20:unregistered torrente'));
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/**
 * What people do each day, each with no more clicks than in the better of qBittorrent 4.5.2 and Transmission 3.00, which are
 * counted in docs/testing.md. One window does it all, one task after the other.
 */
describe.each<FrontKind>([served, development])('daily tasks, $name', (kind) => {
  describe.skipIf(kind.missing !== undefined)('', () => {
    let place: Awaited<ReturnType<typeof temporary>>;
    let tracker: Server;
    let film: LocalSwarm;
    let series: Series;
    let front: Front;
    let page: Page;
    let effort: Effort;
    const folder = (...names: string[]): string => path.join(place.folder, ...names);
    const start = async (): Promise<void> => {
      front = await kind.start({ state: folder('state'), root: place.folder });
      page = front.page;
    };

    beforeAll(async () => {
      place = await temporary();
      for (const name of ['state', 'out', 'moved', 'film', 'series']) await mkdir(folder(name), { mode: 0o700 });
      await writeFile(folder('state/settings.json'), JSON.stringify({ ...QUIET, folder: folder('out') }));
      tracker = await startTracker();
      film = await startLocalSwarm({
        folder: folder('film'),
        name: FILM,
        mebibytes: 2,
        seeds: 1,
        uploadRate: 8 * 1024 * 1024,
      });
      series = await startSeries(folder('series'), SERIES, 8 * 1024 * 1024);
      series.seeds.limit(40_000);
      await start();
      // Half a minute later it is stalled.
      const { port: at } = tracker.address() as AddressInfo;
      await drop(page, [torrentOf(DEAD, [`http://127.0.0.1:${at}/announce`])]);
      await add(page, DEAD, {});
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        await page.screenshot({ path: path.join(root, 'coverage/ui', `${task.id}.png`) });
    });
    afterAll(async () => {
      await front.quit();
      await series.close();
      await film.close();
      tracker.close();
      await place.remove();
    });

    const begin = (): Effort => (effort = new Effort(page));
    const dialog = (): Locator => page.getByRole('dialog');
    const detail = (name: string): Locator => page.getByRole('region', { name: `Download ${name}` });
    const line = (name: string): Locator => page.getByRole('menuitem', { name, exact: true });
    /** What the menu of a row offers. */
    const choose = async (name: string, entry: string): Promise<void> => {
      await effort.click(row(page, name), { button: 'right' });
      await effort.click(line(entry));
    };
    const confirm = (name: string): Promise<void> => effort.click(dialog().getByRole('button', { name, exact: true }));
    /** The dialog shows what holds when it is opened: it is opened again until the change is there. */
    const expectDown = async (limit: string, open: () => Promise<void>): Promise<void> => {
      const read = async (): Promise<string> => {
        await open();
        const value = await dialog().getByRole('spinbutton', { name: 'Down', exact: true }).inputValue();
        await page.keyboard.press('Escape');
        await expect(dialog()).toHaveCount(0);
        return value;
      };
      await expect.poll(read).toBe(limit);
    };
    /** Brings them into sight: the list draws no more than it has room for, and to scroll is no click. */
    const find = (text: string): Promise<void> => page.locator('#search').fill(text);

    it('adds twenty torrents', async () => {
      begin();
      await effort.outside(3, async () => {
        const [chooser] = await Promise.all([
          page.waitForEvent('filechooser'),
          effort.click(button(page, 'Add torrent')),
        ]);
        await chooser.setFiles(LECTURES.map((name) => chosen(torrentOf(name))));
      });
      await confirm('Add all 20');
      await expect(page.getByRole('grid', { name: 'Downloads' })).toHaveAttribute('aria-rowcount', '21');
      expect(effort.spent).toBeLessThanOrEqual(5);
    });

    it('picks a season', async () => {
      begin();
      await effort.outside(1, () => drop(page, [{ name: 'series.torrent', data: series.torrent }]));
      const asked = addDialog(page, SERIES);
      const box = (name: string): Locator => asked.getByRole('checkbox', { name, exact: true });
      await effort.click(box(SERIES));
      await effort.click(box('Season 2'));
      await confirm('Download');
      await expect(row(page, SERIES)).toContainText('of 1.05 MB');
      expect(effort.spent).toBeLessThanOrEqual(4);
    });

    it('gives a folder another priority while it runs', async () => {
      await find('lecture 01');
      await row(page, LECTURES[0]!).click();
      await find('series');
      begin();
      await effort.click(row(page, SERIES));
      await effort.click(page.getByRole('tab', { name: 'Files' }));
      const season = page.getByRole('treegrid', { name: 'Files' }).getByRole('row', { name: 'Season 3' });
      const priority = season.getByRole('combobox');
      await expect(priority).toHaveValue('skip');
      await effort.choose(priority, 'High');
      await expect(priority).toHaveValue('high');
      await expect(row(page, SERIES)).toContainText(/Downloading.*of 2.10 MB/);
      expect(effort.spent).toBeLessThanOrEqual(4);
      series.seeds.limit(0);
      await expect(row(page, SERIES)).toContainText(/Seeding|Done/);
      await expect(detail(SERIES).getByText('there', { exact: true })).toBeVisible();
    });

    it('limits one', async () => {
      await find('lecture');
      begin();
      await choose(LECTURES[1]!, 'Limits and options…');
      await expect(dialog().getByRole('spinbutton', { name: 'Down', exact: true })).toBeFocused();
      await effort.type('70');
      await confirm('Save');
      await expect(dialog()).toHaveCount(0);
      expect(effort.spent).toBeLessThanOrEqual(5);
      await expectDown('70', () => choose(LECTURES[1]!, 'Limits and options…'));
    });

    it('limits five', async () => {
      begin();
      await effort.click(row(page, LECTURES[1]!));
      await effort.click(row(page, LECTURES[5]!), { modifiers: ['Shift'] });
      await effort.click(button(page, 'Limits and options…'));
      const down = dialog().getByRole('spinbutton', { name: 'Down', exact: true });
      await expect(down).toHaveAttribute('placeholder', 'mixed');
      await effort.type('50');
      await confirm('Save');
      await expect(dialog()).toHaveCount(0);
      expect(effort.spent).toBeLessThanOrEqual(7);
      await expectDown('50', () => button(page, 'Limits and options…').click());
    });

    it('pauses several', async () => {
      begin();
      await effort.click(row(page, LECTURES[2]!));
      await effort.click(row(page, LECTURES[4]!), { modifiers: ['ControlOrMeta'] });
      await effort.click(row(page, LECTURES[5]!), { modifiers: ['ControlOrMeta'] });
      await effort.click(page.getByRole('banner').getByRole('button', { name: 'Pause' }));
      for (const at of [2, 4, 5]) await expect(row(page, LECTURES[at]!)).toContainText('Paused');
      await expect(row(page, LECTURES[3]!)).not.toContainText('Paused');
      expect(effort.spent).toBeLessThanOrEqual(4);
    });

    it('moves finished files', async () => {
      await find('film');
      await drop(page, [{ name: `${FILM}.torrent`, data: film.torrent }]);
      await add(page, FILM, {});
      await expect(row(page, FILM)).toContainText('Seeding');
      begin();
      await choose(FILM, 'Move files…');
      await expect(dialog().getByRole('textbox', { name: 'Move to' })).toBeFocused();
      await effort.type(folder('moved'));
      await confirm('Move');
      await expect.poll(() => existsSync(folder('moved', FILM)) && !existsSync(folder('out', FILM))).toBe(true);
      await expect(row(page, FILM)).toContainText('Seeding');
      expect(await sameFiles(folder('moved', FILM), film.payload)).toBe(true);
      expect(effort.spent).toBeLessThanOrEqual(4);
    });

    it('lets it seed up to a ratio and for a time', async () => {
      begin();
      await choose(FILM, 'Limits and options…');
      await effort.choose(dialog().getByRole('combobox', { name: 'When complete' }), 'Seed until goals of its own');
      await effort.click(dialog().getByRole('spinbutton', { name: 'Ratio to reach' }));
      await effort.type('2');
      await effort.click(dialog().getByRole('spinbutton', { name: 'Hours to seed' }));
      await effort.type('48');
      await confirm('Save');
      await expect(dialog()).toHaveCount(0);
      expect(effort.spent).toBeLessThanOrEqual(10);
      const kept = (): Promise<string> => readFile(folder('state/catalog.json'), 'utf8');
      await expect.poll(kept).toMatch(/"ratio":\s*2,\s*"time":\s*172800000/);
    });

    it('adds a tracker', async () => {
      begin();
      await choose(FILM, 'Edit trackers…');
      const field = dialog().getByRole('textbox');
      await expect(field).toHaveValue(/^http/);
      await expect(field).toBeFocused();
      await effort.type('udp://tracker.example:6969');
      await confirm('Save');
      await page.getByRole('tab', { name: 'Sources' }).click();
      await expect(page.getByRole('cell', { name: /tracker\.example/ }).first()).toBeVisible();
      await expect(page.getByRole('table', { name: 'Trackers' }).getByRole('row')).toHaveCount(3);
      expect(effort.spent).toBeLessThanOrEqual(4);
    });

    it('adds a peer', async () => {
      begin();
      await choose(FILM, 'Add a peer…');
      await expect(dialog().getByRole('textbox')).toBeFocused();
      await effort.type(`${host}:${port}`);
      await confirm('Add');
      await expect(page.getByText('The peer will be tried.')).toBeVisible();
      expect(effort.spent).toBeLessThanOrEqual(7);
    });

    it('tells why one is stalled, in its row', async () => {
      await find('nobody');
      begin();
      await expect(row(page, DEAD)).toContainText('Stalled');
      await expect(row(page, DEAD)).toContainText('unregistered torrent');
      expect(effort.spent).toBe(0);
    });

    it('goes on after a restart as it was', async () => {
      await front.quit();
      await start();
      await find('film');
      begin();
      await expect(row(page, FILM)).toContainText('Seeding');
      await find('lecture');
      await expect(row(page, LECTURES[4]!)).toContainText('Paused');
      await expect(row(page, LECTURES[3]!)).not.toContainText('Paused');
      expect(effort.spent).toBe(0);
      await expectDown('50', () => choose(LECTURES[3]!, 'Limits and options…'));
    });

    it('removes with the files and without', async () => {
      await find('series');
      begin();
      await effort.click(row(page, SERIES));
      await effort.click(page.getByRole('banner').getByRole('button', { name: 'Remove' }));
      await confirm('Remove');
      await expect(row(page, SERIES)).toHaveCount(0);
      expect(effort.spent).toBeLessThanOrEqual(3);
      expect((await readdir(folder('out', SERIES))).sort()).toEqual(['Season 2', 'Season 3']);

      await find('film');
      begin();
      await choose(FILM, 'Remove and delete files…');
      await confirm('Remove and delete');
      await expect(row(page, FILM)).toHaveCount(0);
      await expect.poll(() => existsSync(folder('moved', FILM))).toBe(false);
      expect(effort.spent).toBeLessThanOrEqual(3);
    });

    it.skipIf(kind !== served)('pauses one on a phone', async () => {
      await page.setViewportSize({ width: 390, height: 800 });
      await page.reload();
      await find('lecture');
      begin();
      await effort.click(row(page, LECTURES[6]!));
      await expect(detail(LECTURES[6]!)).toBeVisible();
      await effort.click(page.getByRole('banner').getByRole('button', { name: 'Pause' }));
      await expect(detail(LECTURES[6]!)).toContainText('Paused');
      expect(effort.spent).toBeLessThanOrEqual(2);
    });
  });
});
