import type { Locator, Page } from '@playwright/test';
import { describe, it } from 'vitest';
import { expect } from './support/expect.ts';
import { fakeWindow, shown, shownOnPhone } from './support/fake-page.ts';
import { button } from './support/hands.ts';
import { served } from './support/served.ts';

const DIALOGS = [
  ['Limits and options…', 'options'],
  ['Move files…', 'move'],
  ['Edit trackers…', 'trackers'],
  ['Choose links…', 'ways'],
  ['Add a peer…', 'peer'],
  ['Save the .torrent file…', 'export'],
  ['Remove and delete files…', 'remove'],
] as const;

/** Every view at 390 pixels: axe finds nothing serious, nothing is wider than the screen, and pictures are kept. */
describe.skipIf(served.missing !== undefined)('on a phone', () => {
  const window = fakeWindow(12);
  const phone = async (): Promise<Page> => {
    const { page } = window;
    await page.setViewportSize({ width: 390, height: 800 });
    return page;
  };
  const rows = (): Locator => window.page.getByRole('grid', { name: 'Downloads' }).getByRole('row');
  const look = (name: string): Promise<void> => shownOnPhone(window.page, name);

  it('the list, its menus, and what is selected', async () => {
    const page = await phone();
    await look('list-of-many');
    await rows().first().click({ button: 'right' });
    await look('menu');
    await page.keyboard.press('Escape');
    await button(page, 'Category, tag, tracker').click();
    await look('narrow');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Sort by/ }).click();
    await look('sort');
    await page.keyboard.press('Escape');
    await rows().first().focus();
    await page.keyboard.press('Home');
    for (let n = 0; n < 3; n++) await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: /^4 selected/ })).toBeVisible();
    await look('selected');
    await button(page, 'Limits and options…').click();
    await look('mixed');
  });

  it('as long as nothing is in the list, what to do has the whole window', async () => {
    const page = await phone();
    await page.goto(page.url().replace(/\?.*/, '?downloads=none'));
    await expect(page.getByRole('heading', { name: 'No downloads yet' })).toBeInViewport();
    expect((await page.getByRole('main').boundingBox())?.width).toBe(390);
    await look('empty');
  });

  it('of a download with many identities each stands in the legend', async () => {
    const page = await phone();
    await page.goto(page.url().replace(/\?.*/, '?pieces=900&identities=12'));
    await rows().first().click();
    const legend = page.getByRole('button', { name: /^Show identity \d+ alone/ });
    await expect(legend).toHaveCount(12);
    for (const one of await legend.all()) await expect(one).toBeInViewport({ ratio: 1 });
    await look('identities');
  });

  it('the toolbar is whole, also where a window is hardly wider', async () => {
    const page = await phone();
    for (const width of [390, 601, 700, 701, 790, 860, 861, 1060]) {
      await page.setViewportSize({ width, height: 800 });
      await expect(button(page, 'Settings')).toBeInViewport({ ratio: 1 });
      const buttons = await page.getByRole('banner').getByRole('button').all();
      const boxes = await Promise.all(buttons.map((one) => one.boundingBox()));
      const squeezed = boxes.filter((box) => (box?.width ?? 0) < (box?.height ?? 0));
      expect(squeezed, String(width)).toEqual([]);
    }
  });

  it('several are selected by thumb', async () => {
    const page = await phone();
    await button(page, 'Select several').click();
    await expect(page.getByText('0 selected')).toBeVisible();
    await expect(button(page, 'What to do…')).toBeDisabled();
    for (const at of [0, 2, 3, 2]) await rows().nth(at).click();
    await expect(page.getByText('2 selected')).toBeVisible();
    await expect(page.locator('[role=row][aria-selected=true]')).toHaveCount(2);
    await look('selecting');
    await button(page, 'What to do…').click();
    await expect(page.getByRole('region', { name: /^2 selected/ })).toBeVisible();
    await button(page, 'Back to the list').click();
    await button(page, 'All').click();
    await expect(page.getByText('12 selected')).toBeVisible();
    await button(page, 'Done').click();
    await expect(page.locator('[role=row][aria-selected=true]')).toHaveCount(1);
    await rows().nth(1).click();
    await expect(page.getByRole('tab').first()).toBeVisible();
  });

  it.each(DIALOGS)('%s', async (entry, name) => {
    const page = await phone();
    await rows().first().click({ button: 'right' });
    await page.getByRole('menuitem', { name: entry, exact: true }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toBeVisible();
    if (name === 'options')
      await dialog.getByRole('combobox', { name: 'When complete' }).selectOption('Seed until goals of its own');
    await look(name);
    if (name !== 'options') return;
    await page.setViewportSize({ width: 1240, height: 800 });
    await shown(page, 'options-goals');
  });

  it('the settings', { timeout: 300_000 }, async () => {
    const page = await phone();
    await button(page, 'Settings').click();
    const dialog = page.getByRole('dialog', { name: 'Settings' });
    await dialog.getByRole('tab').first().waitFor();
    for (const tab of await dialog.getByRole('tab').all()) {
      await tab.click();
      await look(`settings-${(await tab.innerText()).toLowerCase().replaceAll(/\W+/g, '-')}`);
    }
  });
});
