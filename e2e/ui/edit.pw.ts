import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Locator, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, sameFiles, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { expect } from './support/expect.ts';
import { PATIENCE } from './support/front.ts';
import { add, addDialog, button, drop, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { root, temporary } from './support/places.ts';
import { launchChromium, served, type ServeProcess, startServer } from './support/served.ts';

const GIVEN = 'ensemble-demo.bin';
/** The name that it gets when it is added. */
const NAME = 'a better name.bin';
const OTHER = 'udp://tracker.example:6969';

describe.skipIf(served.missing !== undefined)('what is changed of a download in a browser', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let swarm: LocalSwarm;
  let server: ServeProcess | undefined;
  let browser: Browser;
  let page: Page;
  const folder = (...names: string[]): string => path.join(place.folder, 'files', ...names);

  /** The dialog behind an entry of the download's menu. */
  const choose = async (entry: string): Promise<Locator> => {
    await row(page, NAME).click({ button: 'right' });
    await page.getByRole('menuitem', { name: entry }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    return dialog;
  };
  const shown = async (name: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `${name}, ${colorScheme}`);
      await picture(page, `${name}${colorScheme === 'dark' ? '-dark' : ''}`);
    }
    await page.setViewportSize({ width: 390, height: 800 });
    await picture(page, `${name}-narrow`);
    await page.setViewportSize({ width: 1240, height: 800 });
  };

  /** By keys: what is typed takes the place of the name, and leaves the extension. */
  const renameInDialog = async (): Promise<void> => {
    const box = addDialog(page, GIVEN).getByRole('checkbox', { name: GIVEN });
    await box.focus();
    await page.keyboard.press('F2');
    const renaming = page.getByRole('dialog', { name: `Rename ${GIVEN}` });
    await expect(renaming.getByRole('textbox')).toBeFocused();
    await page.keyboard.type('a better name');
    await page.keyboard.press('Enter');
    await expect(renaming).toBeHidden();
    const renamed = addDialog(page, GIVEN).getByRole('checkbox', { name: NAME });
    await expect(renamed).toBeFocused();
    await shown('add-renamed');
  };

  beforeAll(async () => {
    place = await temporary();
    for (const name of ['out', 'moved', 'swarm']) await mkdir(folder(name), { recursive: true });
    swarm = await startLocalSwarm({ folder: folder('swarm'), mebibytes: 4, seeds: 2, uploadRate: 8 * 1024 * 1024 });
    browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1240, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    server = await startServer(path.join(place.folder, 'state'), folder());
    await page.goto(server.url);
    await button(page, 'Add torrent').waitFor();
    await drop(page, [{ name: `${GIVEN}.torrent`, data: swarm.torrent }]);
    await renameInDialog();
    await add(page, GIVEN, { folder: folder('out') });
    await expect(row(page, NAME)).toContainText('Seeding');
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      await page.screenshot({ path: path.join(root, 'coverage/ui', `${task.id}.png`) });
  });
  afterAll(async () => {
    await browser.close();
    await server?.end();
    await swarm.close();
    await place.remove();
  });

  it('moves its files to another folder, and goes on there', async () => {
    const dialog = await choose('Move files…');
    await dialog.getByRole('textbox', { name: 'Move to' }).fill(folder('moved'));
    await shown('move-dialog');
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect
      .poll(() =>
        stat(folder('moved', NAME)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await expect(row(page, NAME)).toContainText('Seeding');
    // It says so before the move, too.
    await expect.poll(() => readdir(folder('out'))).toEqual([]);
    expect(await sameFiles(folder('moved', NAME), swarm.payload)).toBe(true);
    await expect(page.getByText(`Saved in ${folder('moved')}`)).toBeVisible();
  });

  it('changes its trackers, which the saved torrent file names too', async () => {
    const dialog = await choose('Edit trackers…');
    const lines = dialog.getByRole('textbox');
    await expect(lines).toHaveValue(/^http:/);
    const before = (await lines.inputValue()).trim();
    await lines.fill(`${before}\n\n${OTHER}`);
    await shown('trackers-dialog');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('tab', { name: 'Sources', exact: true }).click();
    await expect(page.getByRole('cell', { name: /tracker\.example/ }).first()).toBeVisible();
    const saving = await choose('Save the .torrent file…');
    await saving.getByRole('textbox', { name: 'Save in' }).fill(folder('moved'));
    await shown('export-dialog');
    await saving.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText(`${NAME}.torrent`).first()).toBeVisible();
    const { trackers, info } = parseTorrent(await readFile(folder('moved', `${NAME}.torrent`)));
    expect(trackers).toEqual([[before], [OTHER]]);
    expect(info.infoHash).toBe(parseTorrent(swarm.torrent).info.infoHash);
  });

  it('tries a peer that somebody names', async () => {
    const dialog = await choose('Add a peer…');
    const field = dialog.getByRole('textbox');
    await field.fill('nowhere');
    await field.press('Enter');
    await expect(dialog).toContainText('An address and a port');
    await shown('peer-dialog');
    await field.fill('127.0.0.1:9');
    await field.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByText('The peer will be tried.')).toBeVisible();
  });
});
