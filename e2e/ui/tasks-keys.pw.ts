import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import type { Front, FrontKind } from './support/front.ts';
import { addDialog, button, menuTakesKeys, row, tabTo } from './support/hands.ts';
import { NOWHERE, root, temporary } from './support/places.ts';
import { chosen, type Series, startSeries, torrentOf } from './support/series.ts';
import { served } from './support/served.ts';

const FILM = 'film.bin';
const SERIES = 'A series';
const LECTURES = Array.from({ length: 20 }, (_, n) => `lecture ${String(n + 1).padStart(2, '0')}.mp4`);
const QUIET = { version: 2, dht: false, pex: false, lsd: false, portMap: false };

/** The daily tasks by keyboard alone, one after the other in one window. */
describe.each<FrontKind>([served, development])('daily tasks by keys, $name', (kind) => {
  describe.skipIf(kind.missing !== undefined)('', () => {
    let place: Awaited<ReturnType<typeof temporary>>;
    let film: LocalSwarm;
    let series: Series;
    let front: Front;
    let page: Page;
    const folder = (...names: string[]): string => path.join(place.folder, ...names);

    beforeAll(async () => {
      place = await temporary();
      for (const name of ['state', 'out', 'moved', 'film', 'series']) await mkdir(folder(name), { mode: 0o700 });
      await writeFile(folder('state/settings.json'), JSON.stringify({ ...QUIET, folder: folder('out') }));
      const uploadRate = 8 * 1024 * 1024;
      film = await startLocalSwarm({ folder: folder('film'), name: FILM, mebibytes: 2, seeds: 1, uploadRate });
      series = await startSeries(folder('series'), SERIES, uploadRate);
      series.seeds.limit(40_000);
      front = await kind.start({ state: folder('state'), root: place.folder });
      page = front.page;
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        await page.screenshot({ path: path.join(root, 'coverage/ui', `${task.id}.png`) });
    });
    afterAll(async () => {
      await front.quit();
      await series.close();
      await film.close();
      await place.remove();
    });

    const dialog = (): Locator => page.getByRole('dialog');
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const type = (text: string): Promise<void> => page.keyboard.type(text);
    const open = async (files: readonly { readonly name: string; readonly data: Uint8Array }[]): Promise<void> => {
      // On a busy machine the browser begins to tell of choosers only after the keys.
      const chooser = page.waitForEvent('filechooser');
      await expect
        .poll(async () => {
          await press('Control+o');
          return Promise.race([chooser.then(() => true), page.waitForTimeout(3000).then(() => false)]);
        })
        .toBe(true);
      await (await chooser).setFiles(files.map(chosen));
    };
    /** Looks for a download, and goes to its row. */
    const goTo = async (name: string): Promise<void> => {
      await press('Control+f', 'Control+a');
      await type(name);
      const first = row(page, name).first();
      await expect(first).toBeVisible();
      // The grid itself, where the row on which the keyboard stood is not among them.
      await tabTo(page, page.locator('[role="grid"][tabindex="0"], [role="grid"] [role="row"][tabindex="0"]'));
      await press('Home');
      await expect(first).toBeFocused();
    };
    /** Chooses in the menu of the row that has the focus. */
    const choose = async (entry: string): Promise<void> => {
      await press('Shift+F10');
      const line = page.getByRole('menuitem', { name: entry, exact: true });
      await expect(line).toBeVisible();
      await menuTakesKeys(page);
      for (let presses = 0; presses < 30; presses++) {
        if (await line.evaluate((element) => element === document.activeElement)) break;
        await press('ArrowDown');
      }
      await press('Enter');
    };
    const closed = (): Promise<void> => expect(dialog()).toHaveCount(0);

    it('adds twenty torrents', async () => {
      await open(LECTURES.map((name) => torrentOf(name)));
      await expect(dialog().getByRole('button', { name: 'Add all 20' })).toBeFocused();
      await press('Enter');
      await expect(page.getByRole('grid', { name: 'Downloads' })).toHaveAttribute('aria-rowcount', '20');
    });

    it('picks a season', async () => {
      await open([{ name: 'series.torrent', data: series.torrent }]);
      const box = (name: string): Locator => addDialog(page, SERIES).getByRole('checkbox', { name, exact: true });
      await expect(box(SERIES)).toBeVisible();
      for (const name of [SERIES, 'Season 2']) {
        await tabTo(page, box(name));
        await press('Space');
      }
      await press('Enter');
      await closed();
      await expect(page.getByRole('grid', { name: 'Downloads' })).toHaveAttribute('aria-rowcount', '21');
    });

    it('gives a folder another priority while it runs', async () => {
      await goTo(SERIES);
      await expect(row(page, SERIES)).toContainText('of 1.05 MB');
      await tabTo(page, page.getByRole('tab', { selected: true }));
      await press('ArrowRight', 'ArrowRight', 'Enter');
      const season = page.getByRole('treegrid', { name: 'Files' }).getByRole('row', { name: 'Season 3' });
      await tabTo(page, page.getByRole('treegrid', { name: 'Files' }).getByRole('row', { name: SERIES }));
      const label = (): Promise<string | null> => page.evaluate(() => document.activeElement?.ariaLabel ?? null);
      for (let presses = 0; presses < 8 && (await label()) !== 'Season 3'; presses++) {
        const before = await label();
        await press('ArrowDown');
        await expect.poll(label).not.toBe(before);
      }
      await expect(season).toBeFocused();
      await tabTo(page, season.getByRole('combobox'));
      await type('High');
      await expect(season.getByRole('combobox')).toHaveValue('high');
      await expect(row(page, SERIES)).toContainText('of 2.10 MB');
      series.seeds.limit(0);
      await expect(row(page, SERIES)).toContainText(/Seeding|Done/);
    });

    it('limits one, then five', async () => {
      const kept = async (): Promise<number> =>
        (await readFile(folder('state/catalog.json'), 'utf8')).match(/"down":\s*50000\b/g)?.length ?? 0;
      await goTo('lecture 02.mp4');
      await choose('Limits and options…');
      await expect(dialog().getByRole('spinbutton', { name: 'Down', exact: true })).toBeFocused();
      await type('50');
      await press('Enter');
      await closed();
      await expect.poll(kept).toBe(1);
      await goTo('lecture');
      await press('Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown');
      await choose('Limits and options…');
      await expect(dialog()).toContainText('5 downloads');
      await expect(dialog().getByRole('spinbutton', { name: 'Down', exact: true })).toBeFocused();
      await type('50');
      await press('Enter');
      await closed();
      await expect.poll(kept).toBe(5);
    });

    it('pauses several', async () => {
      await goTo('lecture');
      // Two that are no neighbours: with Ctrl the keyboard goes on alone.
      await press('Control+ArrowDown', 'Control+ArrowDown', 'Space', 'Control+ArrowDown', 'Control+ArrowDown', 'Space');
      const places = page.locator('[role="row"][aria-selected="true"]');
      const at = (): Promise<(string | null)[]> =>
        places.evaluateAll((all) => all.map((one) => one.getAttribute('aria-rowindex')));
      await expect.poll(at).toEqual(['1', '3', '5']);
      await choose('Pause');
      await expect(page.getByRole('radio', { name: 'Paused 3' })).toHaveCount(1);
    });

    it('moves finished files', async () => {
      await open([{ name: `${FILM}.torrent`, data: film.torrent }]);
      await expect(addDialog(page, FILM).getByRole('button', { name: 'Download', exact: true })).toBeFocused();
      await press('Enter');
      await closed();
      await goTo(FILM);
      await expect(row(page, FILM)).toContainText('Seeding');
      await choose('Move files…');
      await expect(dialog().getByRole('textbox', { name: 'Move to' })).toBeFocused();
      await type(folder('moved'));
      await press('Enter');
      await expect.poll(() => existsSync(folder('moved', FILM)) && !existsSync(folder('out', FILM))).toBe(true);
      await expect(row(page, FILM)).toContainText('Seeding');
    });

    it('lets it seed up to a ratio and for a time', async () => {
      await goTo(FILM);
      await choose('Limits and options…');
      await tabTo(page, dialog().getByRole('combobox', { name: 'When complete' }));
      await type('Seed until g');
      await tabTo(page, dialog().getByRole('spinbutton', { name: 'Ratio to reach' }));
      await type('2');
      await tabTo(page, dialog().getByRole('spinbutton', { name: 'Hours to seed' }));
      await type('48');
      await press('Enter');
      await closed();
      const kept = (): Promise<string> => readFile(folder('state/catalog.json'), 'utf8');
      await expect.poll(kept).toMatch(/"ratio":\s*2,\s*"time":\s*172800000/);
    });

    it('adds a tracker and a peer', async () => {
      await goTo(FILM);
      await choose('Edit trackers…');
      await expect(dialog().getByRole('textbox')).toHaveValue(/^http/);
      await type('udp://tracker.example:6969');
      await tabTo(page, dialog().getByRole('button', { name: 'Save' }));
      await press('Enter');
      await closed();
      await expect(page.getByRole('grid', { name: 'Downloads' })).toBeVisible();
      await goTo(FILM);
      await choose('Add a peer…');
      await expect(dialog().getByRole('textbox')).toBeFocused();
      await type(NOWHERE);
      await press('Enter');
      await expect(page.getByText('The peer will be tried.')).toBeVisible();
    });

    it('removes with the files and without', async () => {
      await goTo(SERIES);
      await press('Delete');
      await expect(dialog().getByRole('button', { name: 'Remove', exact: true })).toBeVisible();
      await expect(dialog().getByRole('checkbox')).toBeFocused();
      await press('Enter');
      await closed();
      await expect(button(page, 'Add torrent')).toBeVisible();
      expect((await readdir(folder('out', SERIES))).sort()).toEqual(['Season 2', 'Season 3']);
      await goTo(FILM);
      await press('Shift+Delete');
      await expect(dialog().getByRole('button', { name: 'Remove and delete' })).toBeVisible();
      await expect(dialog().getByRole('checkbox')).toBeFocused();
      await press('Enter');
      await closed();
      await expect.poll(() => existsSync(folder('moved', FILM))).toBe(false);
    });
  });
});
