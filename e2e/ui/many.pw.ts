import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import type { Front, FrontKind } from './support/front.ts';
import { add, addDialog, button, drop, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { root, temporary } from './support/places.ts';
import { served } from './support/served.ts';

/** One of them is there before, and one is left out: 300 are added. */
const MANY = 302;
/** Time limit for hundreds of torrents, in ms: the machine may be busy. */
const PATIENCE = { timeout: 120_000 };
/** Nobody outside of this machine is asked for what nobody has. */
const QUIET = { version: 2, dht: false, pex: false, lsd: false, portMap: false };
const MAGNETS = ['a', 'b', 'c'].map((hash) => `magnet:?xt=urn:btih:${hash.repeat(40)}&dn=Link%20${hash}`);

const nameOf = (n: number): string => `lecture ${String(n).padStart(3, '0')}.mp4`;

/** A torrent without a tracker: nobody is asked for it. */
function torrent(name: string, more: { readonly private?: boolean } = {}): { name: string; data: Uint8Array } {
  const data = encodeTorrent({
    name,
    files: 20_000_000 + name.length,
    pieceLength: 16 * 1024 * 1024,
    pieceHashes: randomBytes(40),
    trackers: [],
    ...more,
  });
  return { name: `${name}.torrent`, data };
}

const manyDialog = (page: Page): Locator => page.getByRole('dialog', { name: 'Add several torrents' });
const listed = (page: Page, name: string): Locator => manyDialog(page).getByRole('checkbox', { name, exact: true });
const addButton = (page: Page): Locator => manyDialog(page).getByRole('button', { name: /^Add / });

/** How many downloads the list has, of which only some are drawn. */
async function downloads(page: Page): Promise<number> {
  const count = await page.getByRole('grid', { name: 'Downloads' }).getAttribute('aria-rowcount');
  return Number(count);
}

/** Where to save, by how many; paused, as nobody has these torrents. */
async function choose(page: Page, folder: string, identities: number): Promise<void> {
  const dialog = manyDialog(page);
  await dialog.getByRole('textbox', { name: 'Save in' }).fill(folder);
  await dialog.getByRole('spinbutton', { name: 'Identities' }).fill(String(identities));
  await dialog.getByRole('button', { name: /^Advanced/ }).click();
  await dialog.getByRole('checkbox', { name: 'Add it paused' }).check();
}

const kinds: readonly FrontKind[] = [served, development];

describe.each(kinds)('many torrents at once, $name', (kind) => {
  describe.skipIf(kind.missing !== undefined)('', () => {
    let place: Awaited<ReturnType<typeof temporary>>;
    let front: Front;
    let page: Page;

    const start = async (open: readonly string[] = []): Promise<void> => {
      front = await kind.start({ state: path.join(place.folder, 'state'), root: place.folder, open });
      page = front.page;
    };
    beforeEach(async () => {
      place = await temporary();
      await mkdir(path.join(place.folder, 'state'), { mode: 0o700 });
      await writeFile(path.join(place.folder, 'state/settings.json'), JSON.stringify(QUIET));
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        await page.screenshot({ path: path.join(root, 'coverage/ui', `${task.id}.png`) });
      await front.quit();
      await place.remove();
    });

    it(`${MANY - 2} are added by one dialog, which says what is refused`, { timeout: 300_000 }, async () => {
      await start();
      const torrents = Array.from({ length: MANY }, (_, n) => torrent(nameOf(n)));
      const [first, again] = torrents;
      await drop(page, [first!]);
      await add(page, nameOf(0), { folder: path.join(place.folder, 'out'), identities: 1 });
      await expect(row(page, nameOf(0))).toBeVisible();

      const broken = { name: 'broken.torrent', data: Buffer.from('d4:infod6:lengthi-1eee') };
      const photo = { name: 'holiday.jpg', data: Buffer.from('not a torrent') };
      await drop(page, [photo, ...torrents, broken, { ...again!, name: 'copy.torrent' }]);
      const dialog = manyDialog(page);
      await expect(addButton(page)).toHaveText(`Add all ${MANY - 1}`, PATIENCE);
      await expect(dialog).toContainText('2 refused');
      await expect(dialog).toContainText('2 there already');
      await expect(page.getByRole('dialog')).toHaveCount(1);

      await dialog.getByRole('checkbox', { name: /Show only the 4/ }).check();
      await expect(listed(page, 'holiday.jpg')).toHaveAccessibleDescription(/no torrent file/);
      await expect(listed(page, 'broken.torrent')).toHaveAccessibleDescription(/./);
      await expect(listed(page, nameOf(0))).toHaveAccessibleDescription(/in the list of downloads already/);
      await expect(listed(page, nameOf(1))).toHaveAccessibleDescription(/same torrent/);
      await dialog.getByRole('checkbox', { name: /Show only the 4/ }).uncheck();

      // By keyboard: to the last one, and it is left out.
      await dialog.getByRole('list').getByRole('checkbox').first().focus();
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      await expect(listed(page, nameOf(MANY - 1))).toBeFocused();
      await page.keyboard.press('Space');
      await expect(addButton(page)).toHaveText(`Add ${MANY - 2}`);

      await choose(page, path.join(place.folder, 'out'), 2);
      await addButton(page).click();
      await expect(dialog).toBeHidden(PATIENCE);
      await expect(page.getByRole('status').filter({ hasText: `${MANY - 2} torrents were added` })).toBeVisible();
      await expect.poll(() => downloads(page), PATIENCE).toBe(MANY - 1);
      const kept = await readFile(path.join(place.folder, 'state/settings.json'), 'utf8');
      expect(JSON.parse(kept)).toMatchObject({
        recentFolders: [path.join(place.folder, 'out')],
      });
    });

    it('private ones need a confirmation, and what fails stays in the list with the reason', async () => {
      await start();
      const out = path.join(place.folder, 'out');
      await mkdir(out);
      // A file of the user's is in the way of one of them.
      await writeFile(path.join(out, 'taken.bin'), 'mine');
      const names = ['plain.bin', 'secret.bin', 'taken.bin', 'other.bin'];
      const torrents = names.map((name) => torrent(name, { private: name === 'secret.bin' }));
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button(page, 'Add torrent').click()]);
      await chooser.setFiles(
        torrents.map(({ name, data }) => ({ name, mimeType: 'application/x-bittorrent', buffer: Buffer.from(data) })),
      );
      const dialog = manyDialog(page);
      await expect(addButton(page)).toHaveText('Add all 4', PATIENCE);
      await choose(page, out, 2);
      await dialog.getByRole('checkbox', { name: 'Add it paused' }).uncheck();
      await addButton(page).click();
      await expect(dialog).toContainText('Confirm that several identities may be used');
      await dialog.getByRole('checkbox', { name: 'Use 2 identities on the private torrent among them' }).check();
      await addButton(page).click();
      await expect(dialog.getByRole('alert')).toContainText('1 torrent was not added', PATIENCE);
      await expect(listed(page, 'taken.bin')).toHaveCount(1);
      await expect(listed(page, 'taken.bin')).toHaveAccessibleDescription(/taken\.bin/);
      await expect(dialog).toContainText('3 added');
      for (const name of names.filter((one) => one !== 'taken.bin')) await expect(listed(page, name)).toHaveCount(0);

      await expect(listed(page, 'taken.bin')).toBeInViewport();
      await accessible(page, 'many, failed');
      await picture(page, 'many-failed');
      await rm(path.join(out, 'taken.bin'));
      await dialog.getByRole('button', { name: 'Try again' }).click();
      await expect(dialog).toBeHidden(PATIENCE);
      for (const name of names) await expect(row(page, name)).toBeVisible();
    });

    it('several links are a list, and can be added one by one', async () => {
      await start();
      await button(page, 'Paste link').first().click();
      const field = page.getByRole('textbox', { name: 'Magnet link' });
      await field.fill(MAGNETS.join('\n'));
      await field.press('Enter');
      await expect(addButton(page)).toHaveText('Add all 3', PATIENCE);
      await listed(page, 'Link b').uncheck();
      await manyDialog(page).getByRole('button', { name: 'One by one…' }).click();
      await expect(manyDialog(page)).toBeHidden();
      await expect(addDialog(page, 'Link a')).toContainText('1 more after this one');
      await addDialog(page, 'Link a').getByRole('button', { name: 'Cancel' }).click();
      await add(page, 'Link c', { folder: path.join(place.folder, 'out'), identities: 1 });
      await expect(row(page, 'Link c')).toBeVisible();
      await expect(page.getByRole('dialog')).toHaveCount(0);
    });

    it.skipIf(kind === served)('what a command line names is one list', async () => {
      const torrents = Array.from({ length: 20 }, (_, n) => torrent(nameOf(n)));
      const files = torrents.map(({ name }) => path.join(place.folder, name));
      for (const [n, { data }] of torrents.entries()) await writeFile(files[n]!, data);
      await start([...files, MAGNETS[0]!]);
      await expect(addButton(page)).toHaveText('Add all 21', PATIENCE);
    });

    it.skipIf(kind === development)('is drawn in both colours, wide and narrow', async () => {
      await start();
      const torrents = Array.from({ length: MANY }, (_, n) => torrent(nameOf(n), { private: n % 7 === 2 }));
      const photo = {
        name: 'holiday with a name that is long enough for a second line in a narrow window.jpg',
        data: Buffer.from('x'),
      };
      await drop(page, [photo, ...torrents, torrents[0]!]);
      await expect(addButton(page)).toHaveText(`Add all ${MANY}`, PATIENCE);
      for (const [name, width] of [
        ['many', 1240],
        ['many-narrow', 390],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ['dark', 'light'] as const) {
          await page.emulateMedia({ colorScheme });
          await accessible(page, `${name}, ${colorScheme}`);
          await picture(page, colorScheme === 'dark' ? `${name}-dark` : name);
        }
        const wide = await manyDialog(page).evaluate((one) =>
          [...one.querySelectorAll('*')].some((part) => part.getBoundingClientRect().right > innerWidth),
        );
        expect(wide, name).toBe(false);
      }
      // The list can be walked to its end while it is measured.
      await page.setViewportSize({ width: 1240, height: 800 });
      await manyDialog(page).getByRole('list').getByRole('checkbox').first().focus();
      for (let n = 0; n < 12; n++) await page.keyboard.press('PageDown');
      await expect(manyDialog(page).getByRole('list').locator(':focus')).toBeInViewport();
    });
  });
});
