import { describe, it } from 'vitest';
import { expect } from './support/expect.ts';
import { fakeWindow, shown } from './support/fake-page.ts';
import { button } from './support/hands.ts';
import { served } from './support/served.ts';

const PATIENCE = { timeout: 120_000 };

/** What the program does by itself for its user, chosen in the window in front of a made-up program. */
describe.skipIf(served.missing !== undefined)('chores', () => {
  const window = fakeWindow();
  const settings = async (tab: string): Promise<void> => {
    const { page } = window;
    await button(page, 'Settings').click();
    await page.getByRole('tab', { name: tab }).click();
  };

  it('a folder is watched', PATIENCE, async () => {
    const { page } = window;
    await window.open('?desktop');
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
    const { page } = window;
    await window.open('');
    await settings('Statistics');
    const received = page.getByRole('table', { name: 'What was moved' }).getByRole('row', { name: /^Received/ });
    await expect(received.getByRole('cell').nth(1)).toContainText(/\d/);
    await shown(page, 'settings-statistics');
  });

  it('a program is named in the desktop’s window, and not in a browser’s', PATIENCE, async () => {
    const { page } = window;
    await window.open('?desktop');
    await settings('New downloads');
    const field = page.getByLabel('Run when a download is done');
    await field.fill('/usr/bin/tool "{name');
    await expect(page.getByText('A quote is left open.')).toBeVisible();
    await field.fill('/usr/bin/tool "{name}"');
    await button(page, 'Done').click();
    await settings('New downloads');
    await expect(field).toHaveValue('/usr/bin/tool {name}');
    await window.open('');
    await settings('New downloads');
    await expect(page.getByLabel('Save in')).toBeVisible();
    await expect(page.getByLabel('Run when a download is done')).toHaveCount(0);
  });
});
