import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { type DesktopFront, development } from './support/electron.ts';
import { add, addDialog, button, drop, fetchedBy, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { temporary } from './support/places.ts';
import { expect } from './support/expect.ts';

const NAME = 'ensemble-demo.bin';

/** Every view, in the order in which a user sees them, in dark and light colours; axe checks each in both. */
describe.skipIf(development.missing !== undefined)('the views', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let swarm: LocalSwarm;
  let front: DesktopFront;
  let page: Page;

  beforeAll(async () => {
    place = await temporary();
    const folder = path.join(place.folder, 'swarm');
    await mkdir(folder);
    swarm = await startLocalSwarm({ folder, mebibytes: 64, seeds: 6, uploadRate: 0.4 * 1024 * 1024 });
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
    page = front.page;
    await front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1240, 800));
  });
  afterAll(async () => {
    await front.quit();
    await swarm.close();
    await place.remove();
  });

  const shown = async (name: string): Promise<void> => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.mouse.move(0, 0);
    await accessible(page, `${name}, dark`);
    await picture(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
    await accessible(page, name);
    await picture(page, name);
  };

  it('empty', async () => {
    await expect(page.getByRole('heading', { name: 'Drop a .torrent here' })).toBeVisible();
    await shown('empty');
  });

  it('drop', async () => {
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['x'], 'x.torrent'));
      return transfer;
    });
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: data });
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
    await expect(page.getByText('Drop to add')).toBeVisible();
    await shown('drop');
    await page.dispatchEvent('body', 'dragleave', { dataTransfer: data });
    await expect(page.getByText('Drop to add')).toBeHidden();
  });

  it('paste', async () => {
    await button(page, 'Paste link').first().click();
    await expect(page.getByRole('dialog', { name: 'Paste a link' })).toBeVisible();
    await shown('paste');
    await page.keyboard.press('Escape');
  });

  it('add', async () => {
    await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    await expect(addDialog(page, NAME)).toBeVisible();
    await shown('add');
    await addDialog(page, NAME)
      .getByRole('button', { name: /^Advanced/ })
      .click();
    await shown('add-advanced');
    await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: 4, assemble: false });
  });

  it('download', async () => {
    await expect.poll(() => fetchedBy(page, 4), { timeout: 60_000 }).toBeGreaterThan(10);
    await shown('main');
  });

  it.each(['Peers', 'Files', 'Sources', 'Graph', 'Log'])('%s', async (tab) => {
    await page.getByRole('tab', { name: tab }).click();
    await page.waitForTimeout(1200);
    await shown(tab.toLowerCase());
  });

  it('settings', async () => {
    await button(page, 'Settings').click();
    await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
    await shown('settings');
    await page.keyboard.press('Escape');
  });

  it('a small window', async () => {
    await page.getByRole('tab', { name: 'Identities' }).click();
    await front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(900, 600));
    await expect.poll(() => page.evaluate(() => innerWidth)).toBeLessThanOrEqual(900);
    await shown('small');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(900);
    await front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1240, 800));
  });

  it('at twice the size everything stays in reach', async () => {
    const zoom = (factor: number): Promise<void> =>
      front.app.evaluate(({ BrowserWindow }, to) => {
        const [window] = BrowserWindow.getAllWindows();
        window?.setContentSize(1240, 800);
        window?.webContents.setZoomFactor(to);
      }, factor);
    await zoom(2);
    await expect.poll(() => page.evaluate(() => innerWidth)).toBeLessThan(700);
    await expect(button(page, 'Settings')).toBeInViewport({ ratio: 1 });
    for (const tab of ['Files', 'Identities']) {
      await page.getByRole('tab', { name: tab }).click();
      // Found by its name: for a moment the old panel is still there beside the new one.
      const role = tab === 'Files' ? 'treegrid' : 'table';
      const table = page.getByRole(role, { name: tab, exact: true });
      const overflow = (): Promise<number> =>
        table.evaluate((one) => one.scrollWidth - (one.parentElement?.clientWidth ?? 0));
      await expect.poll(overflow, tab).toBeLessThanOrEqual(0);
    }
    await zoom(1);
  });

  it('complete, and assembled', async () => {
    await front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1240, 800));
    const assemble = page.getByRole('button', { name: /Assemble file/ });
    await expect(assemble).toBeEnabled({ timeout: 60_000 });
    await shown('complete');
    await assemble.click();
    await expect(button(page, 'Show in folder').first()).toBeVisible();
    await shown('done');
  });

  it('remove', async () => {
    await row(page, NAME).click();
    await button(page, 'Remove').first().click();
    await expect(page.getByRole('dialog', { name: `Remove ${NAME}` })).toBeVisible();
    await shown('remove');
    await page.keyboard.press('Escape');
  });
});
