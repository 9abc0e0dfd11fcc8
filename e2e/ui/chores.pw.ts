import type { Locator } from '@playwright/test';
import { describe, it } from 'vitest';
import { expect } from './support/expect.ts';
import { fakeWindow, shown, shownOnPhone } from './support/fake-page.ts';
import { button, menuTakesKeys, tabTo } from './support/hands.ts';
import { served } from './support/served.ts';

/** What the program does by itself for its user, chosen in the window in front of a made-up program. */
describe.skipIf(served.missing !== undefined)('chores', () => {
  const window = fakeWindow();
  const settings = async (tab: string): Promise<void> => {
    const { page } = window;
    await button(page, 'Settings').click();
    await page.getByRole('tab', { name: tab }).click();
  };

  it('a folder is watched', async () => {
    const { page } = window;
    await window.open('?desktop');
    await settings('Watched folders');
    await button(page, 'Watch a folder').click();
    // Without categories there is none to be chosen.
    const category = page.getByRole('dialog').getByRole('combobox', { name: 'Category' });
    await expect(category).toHaveCount(0);
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
    // Enter saves the folder, not the dialog; what is right is kept where the dialog is closed, what was given up is not.
    await button(page, 'Watch a folder').click();
    await page.getByLabel('Watch', { exact: true }).fill('/home/user/one');
    await page.getByLabel('Watch', { exact: true }).press('Enter');
    await expect(list.getByText('/home/user/one')).toBeVisible();
    await button(page, 'Watch a folder').click();
    await page.getByLabel('Watch', { exact: true }).fill('/home/user/given-up');
    await button(page, 'Cancel').click();
    await button(page, 'Watch a folder').click();
    await page.getByLabel('Watch', { exact: true }).fill('/home/user/two');
    await button(page, 'Done').click();
    await settings('Watched folders');
    await expect(list.getByText('/home/user/two')).toBeVisible();
    await expect(list.getByRole('listitem')).toHaveCount(2);
    await page.getByRole('tab', { name: 'Categories' }).click();
    await button(page, 'Add a category').click();
    await page.getByLabel('Name', { exact: true }).fill('Films');
    await page.getByLabel('Name', { exact: true }).press('Enter');
    await page.getByRole('tab', { name: 'Watched folders' }).click();
    await button(page, 'Change /home/user/one').click();
    await category.selectOption('Films');
    await page.getByRole('tab', { name: 'Network' }).click();
    await page.getByRole('tab', { name: 'Watched folders' }).click();
    await expect(list.getByRole('listitem').filter({ hasText: '/home/user/one' })).toContainText('Films');
  });

  it('a feed is read, and a rule tried before it takes anything', async () => {
    const { page } = window;
    await window.open('?desktop');
    await settings('Feeds');
    await button(page, 'Add a feed').click();
    await page.getByLabel('Address').fill('feeds.example/rss');
    await button(page, 'Save').click();
    await expect(page.getByText('Give an address that begins')).toBeVisible();
    await page.getByLabel('Address').fill('https://feeds.example/rss');
    await button(page, 'Save').click();
    await button(page, 'Add a feed').click();
    await page.getByLabel('Address').fill('https://feeds.example/bad');
    await page.getByLabel('Address').press('Enter');
    const feeds = page.getByRole('list', { name: 'Feeds' });
    await expect(feeds.getByText('Shows of the week')).toBeVisible();
    await expect(feeds.getByText('6 items, just now')).toBeVisible();
    await expect(feeds.getByText('The server answers 404.')).toBeVisible();
    await shown(page, 'settings-feeds');

    await button(page, 'Add a rule').click();
    await page.getByLabel('Name of the rule').fill('The Show');
    // A rule that is not whole yet takes nothing, however the dialog is closed.
    await button(page, 'Done').click();
    await settings('Feeds');
    await expect(page.getByText('No rule: nothing is downloaded by itself.')).toBeVisible();
    await button(page, 'Add a rule').click();
    await page.getByLabel('Name of the rule').fill('The Show');
    await page.getByLabel('Title has', { exact: true }).fill('"the show" 1080p');
    await page.getByLabel('At most').fill('450');
    await expect(page.getByText('Takes 4 of the 6 items that are there now')).toBeVisible();
    await page.getByRole('list', { name: 'What the rule takes' }).scrollIntoViewIfNeeded();
    await shown(page, 'settings-feed-preview');
    await page.getByLabel('At most').press('Enter');
    await expect(page.getByRole('list', { name: 'Rules' }).getByText('The Show', { exact: true })).toBeVisible();

    await button(page, 'Show what is in Shows of the week').click();
    const items = page.getByRole('list', { name: 'Items of Shows of the week' });
    await expect(items.getByText('was taken')).toHaveCount(4);
    await button(page, 'Download The.Show.S01E05.1080p.WEB').click();
    await expect(items.getByText('was taken')).toHaveCount(5);
    await button(page, 'Back to the feeds').click();
    await shownOnPhone(page, 'feeds');
    // What is right is kept where the dialog is closed.
    await button(page, 'Change Shows of the week').click();
    await page.getByLabel('Name', { exact: true }).fill('Weekly');
    await button(page, 'Done').click();
    await settings('Feeds');
    await expect(feeds.getByText('Weekly')).toBeVisible();
    // A feed that a rule is for can still be taken from it when it is gone.
    const bad = page
      .getByRole('group', { name: 'Only from' })
      .getByRole('checkbox', { name: 'https://feeds.example/bad' });
    await button(page, 'Change The Show').click();
    await bad.check();
    await button(page, 'Save').click();
    await button(page, 'Remove https://feeds.example/bad').click();
    await expect(feeds.getByRole('listitem')).toHaveCount(1);
    await button(page, 'Change The Show').click();
    await bad.uncheck();
    await button(page, 'Save').click();
    await button(page, 'Change The Show').click();
    await expect(page.getByLabel('Name of the rule')).toBeVisible();
    await expect(bad).toHaveCount(0);
  });

  it('a torrent is made, which can be cancelled, and what makes none is said', async () => {
    const { page } = window;
    await window.open('?desktop');
    const begin = async (path: string): Promise<void> => {
      await button(page, 'More').click();
      await page.getByRole('menuitem', { name: 'Create a torrent…' }).click();
      await page.getByLabel('File or folder').fill(path);
    };
    await begin('/home/user/empty');
    await button(page, 'Create').click();
    await expect(page.getByRole('alert')).toContainText('holds no bytes');
    await button(page, 'File…').click();
    await expect(page.getByLabel('File or folder')).toHaveValue('/home/user/film.mkv');
    await shownOnPhone(page, 'create');
    await page.setViewportSize({ width: 1240, height: 800 });
    await shown(page, 'create');
    await button(page, 'Create').click();
    await expect(page.getByText('Hashing 300 MB of 1.00 GB')).toBeVisible();
    await button(page, 'Cancel').click();
    await begin('/home/user/film.mkv');
    await button(page, 'Create').click();
    await expect(page.getByText('12 files, 1.00 GB in 954 pieces of 1 MiB')).toBeVisible();
    await shown(page, 'created');
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Saved: /home/user/film.mkv.torrent')).toBeVisible();
  });

  it('torrents of another client are shown, chosen and taken over, by keys alone', async () => {
    const { page } = window;
    await window.open('');
    await button(page, 'More').focus();
    await page.keyboard.press('Enter');
    const entry = page.getByRole('menuitem', { name: 'Import from another client…' });
    await expect(entry).toBeVisible();
    await menuTakesKeys(page);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await expect(entry).toBeFocused();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Import from another client' });
    const list = dialog.getByRole('group', { name: 'Torrents to import' });
    const box = (name: RegExp | string): Locator => list.getByRole('checkbox', { name });
    await expect(dialog.getByText('6 torrents · 1 in the list already · 1 cannot be imported')).toBeVisible();
    await expect(box('A film of 1931')).toHaveAccessibleDescription(/Transmission .* all there .* seeded where it is/);
    await expect(box('Lectures on harbours')).toHaveAccessibleDescription(
      /qBittorrent .* paused .* category lectures .* up 50 kB\/s .* ratio 1.50 .* seeds for 2 d/,
    );
    await expect(box('Charts of the North Sea')).toHaveAttribute('aria-disabled', 'true');
    await expect(box('c0ffee.resume')).toHaveAccessibleDescription(/There is no/);
    await shown(page, 'import');
    await shownOnPhone(page, 'import');
    await page.setViewportSize({ width: 1240, height: 800 });

    // Another place has nothing of theirs, and is left again.
    await expect(dialog.getByLabel('Look in')).toBeFocused();
    await page.keyboard.type('/home/user/Music');
    await expect(button(page, 'Look')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('/home/user/Music has nothing of Transmission');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('/home/user/theirs');
    await page.keyboard.press('Enter');

    await tabTo(page, box('A film of 1931'));
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect(box('linux.iso')).toBeFocused();
    await page.keyboard.press('Space');
    await expect(box('linux.iso')).not.toBeChecked();
    await tabTo(page, button(page, 'Import 3'));
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Importing: 0 of 3')).toBeVisible();
    const done = page.getByRole('dialog', { name: '2 torrents were added.' });
    await expect(done.getByRole('alert')).toContainText('A film of 1931: There is no space left');
    await shown(page, 'imported');
    await page.keyboard.press('Enter');
    const rows = page.getByRole('grid', { name: 'Downloads' });
    await expect(rows.getByRole('row', { name: 'Lectures on harbours' })).toBeVisible();
    await expect(rows.getByRole('row', { name: 'linux.iso' })).toHaveCount(0);
  });

  it('a browser tells which version it shows', async () => {
    const { page } = window;
    await window.open('');
    await button(page, 'More').click();
    await page.getByRole('menuitem', { name: 'About Ensemble' }).click();
    await expect(page.getByRole('dialog', { name: 'Ensemble' })).toContainText(/Version \d/);
    await shownOnPhone(page, 'about');
  });

  it('what was moved in all is told', async () => {
    const { page } = window;
    await window.open('');
    await settings('Statistics');
    const received = page.getByRole('table', { name: 'What was moved' }).getByRole('row', { name: /^Received/ });
    await expect(received.getByRole('cell').nth(1)).toContainText(/\d/);
    await shown(page, 'settings-statistics');
  });

  it('a program is named in the desktop’s window, and not in a browser’s', async () => {
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
