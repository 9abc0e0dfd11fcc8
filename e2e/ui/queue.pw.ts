import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import type { Front, FrontKind } from './support/front.ts';
import { addDialog, button, drop, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { root, temporary } from './support/places.ts';
import { served } from './support/served.ts';

/** Nobody outside of this machine is asked for what nobody has. */
const QUIET = { version: 2, dht: false, pex: false, lsd: false, portMap: false };
const NAMES = ['first.iso', 'second.iso', 'third.iso', 'fourth.iso'];

/** A torrent without a tracker: nobody is asked for it. */
function torrent(name: string): { name: string; data: Uint8Array } {
  const data = encodeTorrent({
    name,
    files: 20_000_000 + name.length,
    pieceLength: 16 * 1024 * 1024,
    pieceHashes: randomBytes(40),
    trackers: [],
  });
  return { name: `${name}.torrent`, data };
}

const kinds: readonly FrontKind[] = [served, development];

describe.each(kinds)('the queue, $name', (kind) => {
  describe.skipIf(kind.missing !== undefined)('', () => {
    let place: Awaited<ReturnType<typeof temporary>>;
    let front: Front;
    let page: Page;

    const start = async (): Promise<void> => {
      front = await kind.start({ state: path.join(place.folder, 'state'), root: place.folder });
      page = front.page;
    };
    beforeEach(async () => {
      place = await temporary();
      await mkdir(path.join(place.folder, 'state'), { mode: 0o700 });
      await writeFile(path.join(place.folder, 'state/settings.json'), JSON.stringify(QUIET));
      await start();
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        await page.screenshot({ path: path.join(root, 'coverage/ui', `${task.id}.png`) });
      await front.quit();
      await place.remove();
    });

    const settings = (): Locator => page.getByRole('dialog', { name: 'Settings' });
    const openSettings = async (tab: string): Promise<void> => {
      if (!(await settings().isVisible())) await button(page, 'Settings').click();
      await settings().getByRole('tab', { name: tab }).click();
    };
    const kept = async (): Promise<Record<string, unknown>> =>
      JSON.parse(await readFile(path.join(place.folder, 'state/settings.json'), 'utf8')) as Record<string, unknown>;
    const addAll = async (): Promise<void> => {
      await drop(page, NAMES.map(torrent));
      const dialog = page.getByRole('dialog', { name: 'Add several torrents' });
      await dialog.getByRole('textbox', { name: 'Save in' }).fill(path.join(place.folder, 'out'));
      await dialog.getByRole('button', { name: /^Add all 4/ }).click();
      await expect(dialog).toBeHidden();
    };
    /** Which of them download, and then who waits, in its order. */
    const queue = async (): Promise<string> => {
      const texts = await page.getByRole('grid', { name: 'Downloads' }).getByRole('row').allInnerTexts();
      const found = texts.map((text) => {
        const name = /^\S+(?=\.iso)/.exec(text.trim())?.[0] ?? text;
        const waits = /number (\d+) in the queue/.exec(text)?.[1];
        return { name, at: waits === undefined ? (/Queued|Paused/.test(text) ? 99 : 0) : Number(waits) };
      });
      return found
        .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
        .map(({ name, at }) => `${name} ${at}`)
        .join(', ');
    };
    const shown = async (name: string): Promise<void> => {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await accessible(page, `${name}, ${colorScheme}`);
        await picture(page, `${name}${colorScheme === 'dark' ? '-dark' : ''}`);
      }
    };
    const toQueueOrder = async (): Promise<void> => {
      await page.getByRole('button', { name: /^Sort by/ }).click();
      await page.getByRole('menuitemradio', { name: 'Queue' }).click();
      await expect(page.getByRole('menu')).toBeHidden();
    };

    it('one at a time: the order is changed by keys, by dragging and by force, and holds over a restart', async () => {
      await openSettings('Queue');
      await settings().getByRole('spinbutton', { name: 'Active downloads, at most' }).fill('1');
      await expect.poll(async () => (await kept())['activeDownloads']).toBe(1);
      await settings().getByRole('button', { name: 'Done' }).click();
      await addAll();
      await expect.poll(queue).toBe('first 0, second 1, third 2, fourth 3');

      await toQueueOrder();
      await row(page, NAMES[3]!).click();
      await page.keyboard.press('Alt+Home');
      await expect.poll(queue).toBe('fourth 0, first 1, second 2, third 3');
      await page.keyboard.press('Alt+ArrowDown');
      await expect.poll(queue).toBe('first 0, fourth 1, second 2, third 3');
      // Two of them at once.
      await row(page, NAMES[1]!).click();
      await row(page, NAMES[2]!).click({ modifiers: ['Control'] });
      await page.keyboard.press('Alt+ArrowUp');
      await expect.poll(queue).toBe('first 0, second 1, third 2, fourth 3');

      await row(page, NAMES[3]!).dragTo(row(page, NAMES[1]!), { targetPosition: { x: 20, y: 5 } });
      await expect.poll(queue).toBe('first 0, fourth 1, second 2, third 3');
      await expect(page.getByText('Drop to add')).toHaveCount(0);
      await page.mouse.move(0, 0);
      if (kind === served) await shown('queue');

      await row(page, NAMES[2]!).click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Queue' }).click();
      await page.getByRole('menuitem', { name: 'Run outside the queue' }).click();
      await expect.poll(queue).toBe('first 0, third 0, fourth 1, second 2');

      await page.getByRole('radio', { name: 'Queued 2' }).click();
      await expect(page.getByRole('row')).toHaveCount(2);
      await front.quit();
      await start();
      await page.getByRole('radio', { name: 'All 4' }).click();
      await expect.poll(queue).toBe('first 0, third 0, fourth 1, second 2');
    });

    it('alternative limits by the button and by schedule, and a category with rules of its own', async () => {
      const snail = page.getByRole('button', { name: /lternative limits/ });
      await expect(snail).toHaveAttribute('aria-pressed', 'false');
      await openSettings('Limits');
      await settings().getByRole('spinbutton', { name: 'Alternative, down' }).fill('20');
      await expect.poll(async () => (await kept())['alternativeDown']).toBe(20_000);
      await settings().getByRole('button', { name: 'Done' }).click();
      await snail.click();
      await expect(snail).toHaveAttribute('aria-pressed', 'true');
      await expect(snail).toHaveAccessibleName(/20(\.0)? kB\/s down/);
      await snail.click();
      await expect(snail).toHaveAttribute('aria-pressed', 'false');

      // All days, all hours.
      await openSettings('Limits');
      await settings().getByRole('checkbox', { name: 'Use the alternative limits by schedule' }).click();
      for (const day of ['Saturday', 'Sunday']) await settings().getByRole('checkbox', { name: day }).click();
      await settings().getByLabel('From').fill('00:00');
      await settings().getByLabel('To', { exact: true }).fill('00:00');
      if (kind === served) await shown('settings-limits');
      await settings().getByRole('button', { name: 'Done' }).click();
      await expect(snail).toHaveAttribute('aria-pressed', 'true');
      await openSettings('Queue');
      await expect(settings().getByRole('combobox', { name: 'Ratio' })).toHaveValue('own');
      await expect(settings().getByRole('spinbutton', { name: 'Ratio to reach' })).toHaveValue('1');
      await settings().getByRole('combobox', { name: 'Seeding time' }).selectOption('up to');
      await settings().getByRole('spinbutton', { name: 'Hours to seed' }).fill('48');
      await expect.poll(async () => (await kept())['seedGoals']).toMatchObject({ ratio: 1, time: 172_800_000 });
      if (kind === served) await shown('settings-queue');

      await openSettings('Categories');
      await settings().getByRole('button', { name: 'Add a category' }).click();
      await settings().getByRole('textbox', { name: 'Name' }).fill('Films');
      await settings()
        .getByRole('textbox', { name: 'Folder for new downloads' })
        .fill(path.join(place.folder, 'films'));
      await settings().getByRole('spinbutton', { name: 'Down, each download' }).fill('300');
      await settings().getByRole('combobox', { name: 'Ratio' }).selectOption('up to');
      await settings().getByRole('spinbutton', { name: 'Ratio to reach' }).fill('2.5');
      if (kind === served) await shown('settings-category');
      await settings().getByRole('button', { name: 'Save' }).click();
      await expect(settings().getByRole('list', { name: 'Categories' })).toContainText('Films');
      await expect
        .poll(async () => (await kept())['categories'])
        .toEqual([
          {
            name: 'Films',
            folder: path.join(place.folder, 'films'),
            down: 300_000,
            seed: { kind: 'goals', ratio: 2.5 },
          },
        ]);
      await settings().getByRole('button', { name: 'Done' }).click();
      await drop(page, [torrent('film.mkv')]);
      const dialog = addDialog(page, 'film.mkv');
      await dialog.getByRole('combobox', { name: 'Category' }).fill('Films');
      await expect(dialog.getByRole('textbox', { name: 'Save in' })).toHaveValue(path.join(place.folder, 'films'));
      await dialog.getByRole('textbox', { name: 'Tags' }).fill('old, silent');
      await dialog.getByRole('button', { name: /^Advanced/ }).click();
      await dialog.getByRole('combobox', { name: 'When complete' }).selectOption('Seed until goals of its own');
      await dialog.getByRole('combobox', { name: 'Idle time' }).selectOption('up to');
      if (kind === served) await shown('add-category');
      await dialog.getByRole('button', { name: 'Download', exact: true }).click();
      await expect(row(page, 'film.mkv')).toBeVisible();
      const catalog = async (): Promise<unknown> =>
        JSON.parse(await readFile(path.join(place.folder, 'state/catalog.json'), 'utf8'));
      await expect.poll(catalog).toMatchObject({
        downloads: [
          {
            options: {
              output: path.join(place.folder, 'films'),
              category: 'Films',
              tags: ['old', 'silent'],
              seed: { kind: 'goals', idle: 1_800_000 },
            },
          },
        ],
      });
      if (kind !== served) return;
      await openSettings('Categories');
      await shown('settings-categories');
      await page.setViewportSize({ width: 390, height: 760 });
      for (const tab of ['Queue', 'Limits']) {
        await openSettings(tab);
        await picture(page, `settings-${tab.toLowerCase()}-phone`);
      }
    });
  });
});
