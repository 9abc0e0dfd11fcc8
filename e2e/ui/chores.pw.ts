import type { Browser, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest';
import { expect } from './support/expect.ts';
import { buildFakePage, serveFakePage, shown } from './support/fake-page.ts';
import { button } from './support/hands.ts';
import { temporary } from './support/places.ts';
import { launchChromium, served } from './support/served.ts';

const PATIENCE = { timeout: 120_000 };

/** What the program does by itself for its user, chosen in the window in front of a made-up program. */
describe.skipIf(served.missing !== undefined)('chores', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    place = await temporary();
    await buildFakePage(place.folder);
    browser = await launchChromium();
  }, 120_000);
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
    page.setDefaultTimeout(20_000);
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await browser.close();
    await place.remove();
  });

  const open = async (query: string): Promise<void> => {
    await page.goto(`${await serveFakePage(page, place.folder)}${query}`);
    await page.getByRole('grid', { name: 'Downloads' }).getByRole('row').first().waitFor();
  };
  const settings = async (tab: string): Promise<void> => {
    await button(page, 'Settings').click();
    await page.getByRole('tab', { name: tab }).click();
  };

  it('a folder is watched', PATIENCE, async () => {
    await open('?desktop');
    await settings('Watched folders');
    await button(page, 'Watch a folder').click();
    await page.getByLabel('Watch', { exact: true }).fill('box');
    await button(page, 'Save').click();
    await expect(page.getByText('Give the whole path of a folder.')).toBeVisible();
    await page.getByLabel('Watch', { exact: true }).fill('/home/user/box');
    await page.getByRole('checkbox', { name: 'Add them paused' }).check();
    await shown(page, 'settings-watched');
    await button(page, 'Save').click();
    const list = page.getByRole('list', { name: 'Watched folders' });
    await expect(list.getByText('/home/user/box')).toBeVisible();
    await button(page, 'Watch /home/user/box no longer').click();
    await expect(list.getByRole('listitem')).toHaveCount(0);
  });

  it('what was moved in all is told', PATIENCE, async () => {
    await open('');
    await settings('Statistics');
    const received = page.getByRole('table', { name: 'What was moved' }).getByRole('row', { name: /^Received/ });
    await expect(received.getByRole('cell').nth(1)).toContainText(/\d/);
    await shown(page, 'settings-statistics');
  });

  it('a program is named in the desktop’s window, and not in a browser’s', PATIENCE, async () => {
    await open('?desktop');
    await settings('New downloads');
    const field = page.getByLabel('Run when a download is done');
    await field.fill('/usr/bin/tool "{name');
    await expect(page.getByText('A quote is left open.')).toBeVisible();
    await field.fill('/usr/bin/tool "{name}"');
    await button(page, 'Done').click();
    await settings('New downloads');
    await expect(field).toHaveValue('/usr/bin/tool {name}');
    await open('');
    await settings('New downloads');
    await expect(page.getByLabel('Save in')).toBeVisible();
    await expect(page.getByLabel('Run when a download is done')).toHaveCount(0);
  });
});
