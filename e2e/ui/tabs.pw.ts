import type { Locator, Page } from '@playwright/test';
import { describe, it } from 'vitest';
import { expect } from './support/expect.ts';
import { fakeWindow, shown } from './support/fake-page.ts';
import { button } from './support/hands.ts';
import { served } from './support/served.ts';

/** What the tabs of a download show and let one do, in front of a made-up program. */
describe.skipIf(served.missing !== undefined)('the tabs of a download', () => {
  const window = fakeWindow(80);

  /** Number 60 is downloading, and has a file; number 20 has nine, in two folders. */
  const open = async (download: number, tab: string): Promise<Page> => {
    const { page } = window;
    await page.getByRole('searchbox', { name: 'Search downloads' }).fill(` ${download}`);
    await page
      .getByRole('grid', { name: 'Downloads' })
      .getByRole('row', { name: new RegExp(` ${download}$`) })
      .click();
    await page.getByRole('tab', { name: tab }).click();
    return page;
  };
  const tree = (page: Page): Locator => page.getByRole('treegrid', { name: 'Files' });
  const line = (page: Page, name: string): Locator => tree(page).getByRole('row', { name, exact: true });
  const names = async (page: Page): Promise<string[]> => {
    const rows = await tree(page).locator('tbody tr td:first-child').allInnerTexts();
    return rows.map((text) => text.trim());
  };

  it('files are a tree in which a folder sets all that is in it', async () => {
    const page = await open(20, 'Files');
    await expect.poll(() => names(page)).toContain('Episode 9.mkv');
    const all = await names(page);
    expect(all.slice(1, 4)).toEqual(['Season 1', 'Episode 1.mkv', 'Episode 3.mkv']);
    const season = line(page, 'Season 2');
    const priority = (row: Locator): Locator => row.getByRole('combobox');
    await priority(season).selectOption('Not wanted');
    await expect(priority(line(page, 'Episode 4.mkv'))).toHaveValue('skip');
    await expect(priority(line(page, 'Season 1'))).toHaveValue('normal');
    await expect(priority(tree(page).getByRole('row').nth(1))).toHaveValue('mixed');
    await expect(page.getByText('not wanted', { exact: true })).toBeVisible();

    // A range, of which each gets what one of them gets.
    await line(page, 'Episode 1.mkv').click();
    await line(page, 'Episode 5.mkv').click({ modifiers: ['Shift'] });
    await expect(page.getByText('3 rows are chosen')).toBeVisible();
    await shown(page, 'files-tree');
    await priority(line(page, 'Episode 3.mkv')).selectOption('High');
    for (const n of [1, 3, 5]) await expect(priority(line(page, `Episode ${n}.mkv`))).toHaveValue('high');
    await expect(priority(line(page, 'Episode 7.mkv'))).toHaveValue('normal');
    await expect(priority(line(page, 'Season 1'))).toHaveValue('mixed');

    await page.getByRole('searchbox', { name: 'Search files' }).fill('season 2 ep');
    await expect.poll(() => names(page)).not.toContain('Season 1');
    await page.getByRole('searchbox', { name: 'Search files' }).fill('nothing like it');
    await expect(page.getByText('No file matches.')).toBeVisible();
    await page.getByRole('searchbox', { name: 'Search files' }).press('Escape');
    await page.setViewportSize({ width: 390, height: 800 });
    await shown(page, 'files-tree-narrow');
  });

  it('keys alone fold, choose and set', async () => {
    const page = await open(20, 'Files');
    const rows = tree(page).getByRole('row');
    await rows.nth(1).focus();
    await page.keyboard.press('ArrowDown');
    await expect(line(page, 'Season 1')).toBeFocused();
    await page.keyboard.press('ArrowLeft');
    await expect(line(page, 'Season 1')).toHaveAttribute('aria-expanded', 'false');
    await expect.poll(() => names(page)).not.toContain('Episode 1.mkv');
    await page.keyboard.press('ArrowDown');
    await expect(line(page, 'Season 2')).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await expect(tree(page).locator('[aria-selected=true]')).toHaveCount(2);
    // Keys that come faster than frames lose no step.
    await tree(page).evaluate(({ ownerDocument: all }) => {
      for (const key of ['ArrowDown', 'ArrowDown'])
        all.activeElement?.dispatchEvent(
          new KeyboardEvent('keydown', { key, shiftKey: true, bubbles: true, cancelable: true }),
        );
    });
    await expect(tree(page).locator('[aria-selected=true]')).toHaveCount(4);
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Control+a');
    await line(page, 'Season 2').press('Control+a');
    await expect(tree(page).locator('[aria-selected=false]')).toHaveCount(0);
  });

  it('a link that chooses more files of a torrent that is there asks for no more than that', async () => {
    const { page } = window;
    await button(page, 'Paste link').first().click();
    await page.getByRole('textbox', { name: 'Magnet link' }).fill(`magnet:?xt=urn:btih:${'0'.repeat(40)}&so=1,3`);
    await button(page, 'Continue').click();
    const dialog = page.getByRole('dialog', { name: /^Add files to Harbour/ });
    await expect(dialog.getByRole('button', { name: 'Download', exact: true })).toBeFocused();
    await expect(dialog.getByRole('textbox')).toHaveCount(0);
    await shown(page, 'add-files');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  });

  it('peers are sorted by any of their columns', async () => {
    const page = await open(60, 'Peers');
    const peers = page.getByRole('table', { name: 'Peers' });
    const head = (name: string): Locator => peers.getByRole('columnheader', { name, exact: true });
    const first = peers.getByRole('row').nth(1);
    await head('Has').getByRole('button').click();
    await expect(head('Has')).toHaveAttribute('aria-sort', 'descending');
    await expect(first).toContainText('100%');
    await head('Has').getByRole('button').click();
    await expect(first).not.toContainText('100%');
    await head('Client').getByRole('button').press('Enter');
    await expect(head('Client')).toHaveAttribute('aria-sort', 'ascending');
    await expect(first).toContainText('Deluge');
    await shown(page, 'peers-sorted');
  });

  it('that nobody is connected is not said before it is known', async () => {
    const { page } = window;
    await page.evaluate((untrue) => {
      const look = (): void => {
        if (document.body.textContent?.includes(untrue) === true) Object.assign(globalThis, { untrue });
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
    }, 'No peer is connected.');
    await open(60, 'Peers');
    await expect(page.getByRole('table', { name: 'Peers' }).getByRole('row').nth(1)).toBeVisible();
    expect(await page.evaluate(() => 'untrue' in globalThis)).toBe(false);
  });

  it('what trackers say is shown in full', async () => {
    const page = await open(60, 'Sources');
    const trackers = page.getByRole('table', { name: 'Trackers' });
    await expect(trackers).toBeVisible();
    for (const width of [1240, 390]) {
      await page.setViewportSize({ width, height: 800 });
      const cut = await trackers
        .getByRole('cell')
        .evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).length);
      expect(cut).toBe(0);
      await shown(page, width === 390 ? 'trackers-narrow' : 'trackers');
    }
    await expect(button(page, 'Announce now')).toBeVisible();
  });
});
