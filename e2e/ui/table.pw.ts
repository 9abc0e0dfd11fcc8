import type { Locator, Page } from '@playwright/test';
import { describe, it } from 'vitest';
import { expect } from './support/expect.ts';
import { fakeWindow, shown } from './support/fake-page.ts';
import { button } from './support/hands.ts';
import { served } from './support/served.ts';

const COUNT = 300;

/** The window in front of a made-up program with many downloads. */
describe.skipIf(served.missing !== undefined)('many downloads', () => {
  const window = fakeWindow(COUNT);

  const grid = (): Locator => window.page.getByRole('grid', { name: 'Downloads' });
  const head = (name: string): Locator => grid().getByRole('columnheader', { name, exact: true });
  const heads = (): Promise<string[]> => grid().getByRole('columnheader').allInnerTexts();
  const cells = (column: number): Promise<string[]> =>
    grid().locator(`[role=gridcell][aria-colindex="${column}"]`).allInnerTexts();
  const toTable = async (): Promise<Page> => {
    await button(window.page, 'Show as a table').click();
    return window.page;
  };

  it('as a table they are sorted by any column, either way', async () => {
    const page = await toTable();
    await expect(head('Added')).toHaveAttribute('aria-sort', 'ascending');
    await head('Name').getByRole('button').click();
    await expect(head('Name')).toHaveAttribute('aria-sort', 'ascending');
    const names = await cells(1);
    expect(names).toEqual([...names].sort(new Intl.Collator(undefined, { numeric: true }).compare));
    await head('Size').getByRole('button').click();
    await head('Down').getByRole('button').press('Enter');
    await expect(head('Down')).toHaveAttribute('aria-sort', 'descending');
    await expect(grid().getByRole('row').nth(1)).toContainText('Downloading');
    await head('Down').getByRole('button').press('Enter');
    await expect(head('Down')).toHaveAttribute('aria-sort', 'ascending');
    await expect(grid()).toHaveAttribute('aria-rowcount', String(COUNT + 1));
    await shown(page, 'table');
  });

  it('columns are chosen, moved and sized, by pointer and by keys', async () => {
    const page = await toTable();
    await button(page, 'Columns').click();
    await page.getByRole('menuitemcheckbox', { name: 'Sent', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Ratio' }).click();
    await expect(page.getByRole('menuitemcheckbox', { name: 'Name' })).toBeDisabled();
    await shown(page, 'table-columns');
    await page.keyboard.press('Escape');
    await expect.poll(heads).toContain('Sent');
    await expect.poll(heads).not.toContain('Ratio');

    const width = async (name: string): Promise<number> => Math.round((await head(name).boundingBox())?.width ?? 0);
    const before = await width('Size');
    await head('Size').getByRole('button').press('Shift+ArrowRight');
    await expect.poll(() => width('Size')).toBeGreaterThan(before);
    await head('Size').getByRole('button').press('Control+ArrowLeft');
    await expect.poll(async () => (await heads()).filter((one) => /^(Size|Done)$/.test(one))).toEqual(['Size', 'Done']);
    await expect(head('Size').getByRole('button')).toBeFocused();

    const state = await head('State').boundingBox();
    const name = await head('Name').boundingBox();
    if (!state || !name) throw new Error('There is no such column.');
    await page.mouse.move(state.x + state.width, state.y + 10);
    await page.mouse.down();
    await page.mouse.move(state.x + state.width + 60, state.y + 10, { steps: 3 });
    await page.mouse.up();
    await expect.poll(() => width('State')).toBeCloseTo(state.width + 60, -1);
    await page.mouse.move(state.x + 30, state.y + 10);
    await page.mouse.down();
    await page.mouse.move(name.x + 20, state.y + 10, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await heads())[0]).toBe('State');
    await expect(head('State')).toHaveAttribute('aria-sort', 'none');
  });

  it('they are narrowed down to a tracker, and the way back is in sight', async () => {
    const page = await toTable();
    await button(page, 'Category, tag, tracker').click();
    await shown(page, 'table-narrow');
    await page.getByRole('menuitemradio', { name: /^private\.example\.com/ }).click();
    await expect(grid()).toHaveAttribute('aria-rowcount', String(COUNT / 3 + 1));
    await page.getByRole('radio', { name: /^Paused/ }).click();
    await expect(grid().getByRole('gridcell', { name: 'Seeding' })).toHaveCount(0);
    await page.getByRole('radio', { name: /^All/ }).click();
    await page.getByRole('button', { name: /^Show all again/ }).click();
    await expect(grid()).toHaveAttribute('aria-rowcount', String(COUNT + 1));
  });

  it('several are selected by pointer and keys, and changed together', async () => {
    const page = await toTable();
    const at = (n: number): Locator => grid().getByRole('row', { name: new RegExp(` ${n}$`) });
    const many = (count: number): Locator => page.getByRole('region', { name: new RegExp(`^${count} selected, `) });
    const limits = (count: number): Locator =>
      page.getByRole('dialog', { name: `Limits and options of ${count} downloads` });
    await at(2).click();
    await at(5).click({ modifiers: ['Shift'] });
    await expect(many(4)).toContainText('4.03 GB');
    await at(3).click({ modifiers: ['Control'] });
    await expect(many(3)).toBeVisible();
    await page.keyboard.press('Shift+ArrowDown');
    await expect(many(2)).toBeVisible();
    await page.keyboard.press('Control+a');
    await expect(many(COUNT)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('region', { name: /^Download / })).toBeVisible();

    // One of them gets a limit, and then all a category, while their limits are mixed.
    await at(2).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Limits and options…' }).click();
    await page.getByRole('spinbutton', { name: 'Down', exact: true }).fill('70');
    await button(page, 'Save').click();
    await at(2).click();
    await at(4).click({ modifiers: ['Shift'] });
    await shown(page, 'selected');
    await many(3).getByRole('button', { name: 'Limits and options…' }).click();
    const down = limits(3).getByRole('spinbutton', { name: 'Down', exact: true });
    await expect(down).toHaveValue('');
    await expect(down).toHaveAttribute('placeholder', 'mixed');
    await limits(3).getByRole('combobox', { name: 'Category' }).fill('Holiday');
    await shown(page, 'mixed');
    await button(page, 'Save').click();
    await expect(grid().getByRole('gridcell', { name: 'Holiday' })).toHaveCount(3);
    await many(3).getByRole('button', { name: 'Limits and options…' }).click();
    await expect(limits(3).getByRole('combobox', { name: 'Category' })).toHaveValue('Holiday');
    await expect(down).toHaveAttribute('placeholder', 'mixed');
    await down.fill('9');
    await button(page, 'Save').click();
    await button(page, 'Columns').click();
    await page.getByRole('menuitemcheckbox', { name: 'Down limit' }).click();
    await page.keyboard.press('Escape');
    await expect(grid().getByRole('gridcell', { name: '9.0 kB/s' })).toHaveCount(3);

    await at(3).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Announce now' }).click();
    const notices = page.getByRole('region', { name: 'Notices' }).getByRole('status');
    await expect(notices).toHaveText('Asked the trackers of 3 downloads for more peers.');
  });

  it('the focus is where a key led before the next one comes, also out of sight, and the menu opens there', async () => {
    const { page } = window;
    const rows = grid().getByRole('row');
    await rows.first().click();
    // All within one task, so that no frame is drawn meanwhile.
    const focused = await page.evaluate((keys) => {
      const now = (): Element | null => document.activeElement;
      return keys.map((key) => {
        now()?.dispatchEvent(
          new KeyboardEvent('keydown', { key, ctrlKey: key !== ' ', bubbles: true, cancelable: true }),
        );
        return now()?.getAttribute('aria-rowindex');
      });
    }, 'ArrowDown|ArrowDown| |ArrowDown|ArrowDown| |End|Home|ArrowDown|ArrowDown'.split('|'));
    expect(focused).toEqual(['2', '3', '3', '4', '5', '5', String(COUNT), '1', '2', '3']);
    const selected = page.locator('[role=row][aria-selected=true]');
    const places = (): Promise<(string | null)[]> =>
      selected.evaluateAll((all) => all.map((one) => one.getAttribute('aria-rowindex')));
    await expect.poll(places).toEqual(['1', '3', '5']);
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Limits and options…' }).click();
    await expect(page.getByRole('dialog')).toContainText('3 downloads');
    await page.keyboard.press('Escape');
    // What is scrolled away keeps the focus.
    await page.keyboard.press('Control+End');
    await expect(rows.last()).toBeFocused();
    await grid().evaluate((element) => element.scrollTo(0, 0));
    await expect(rows.first()).toHaveAttribute('aria-rowindex', '1');
    await page.keyboard.press('ArrowUp');
    await expect(grid().locator(`[aria-rowindex="${COUNT - 1}"]`)).toBeFocused();
    await expect(grid().locator(`[aria-rowindex="${COUNT - 1}"]`)).toBeInViewport();
    await expect.poll(places).toEqual([String(COUNT - 1)]);
  });

  it('a row that moves by itself is followed where it was in sight, and does not take the list along where it was not', async () => {
    const page = await toTable();
    await head('State').getByRole('button').click();
    const chosen = grid().locator('[role=row][aria-selected=true]');
    const place = async (): Promise<number> => Number(await chosen.getAttribute('aria-rowindex'));
    const scrolled = (): Promise<number> => grid().evaluate((element) => element.scrollTop);
    await grid().evaluate((element) => element.scrollTo(0, 0));
    await grid().getByRole('row').nth(2).click();
    const downloading = await place();
    // What is paused comes last.
    await button(page, 'Pause').click();
    await expect.poll(place).toBeGreaterThan(COUNT / 2);
    await expect(chosen).toBeInViewport();
    const paused = await scrolled();
    expect(paused).toBeGreaterThan(0);
    await grid().evaluate((element) => element.scrollTo(0, 0));
    await expect(chosen).not.toBeInViewport();
    await grid().evaluate((element) => element.scrollTo(0, 2000));
    await button(page, 'Resume').click();
    await expect.poll(place).toBe(downloading);
    expect(await scrolled()).toBe(2000);
    await expect(chosen).not.toBeInViewport();
    // Another order brings it there again.
    await head('State').getByRole('button').click();
    await expect(chosen).toBeInViewport();
  });

  it('a menu that is opened by a long touch is about what is touched', async () => {
    const { page } = window;
    const rows = grid().getByRole('row');
    await rows.first().click();
    await rows.nth(2).dispatchEvent('touchstart', { touches: [{ identifier: 0, clientX: 100, clientY: 300 }] });
    await expect(page.getByRole('menuitem', { name: 'Pause', exact: true })).toBeVisible();
    await expect(page.locator('[role=row][aria-selected=true]')).toHaveAttribute('aria-rowindex', '3');
  });

  it('below the table is a detail, whose height is chosen', async () => {
    const page = await toTable();
    await grid().getByRole('row', { name: / 7$/ }).click();
    const detail = page.getByRole('region', { name: /^Download .* 7$/ });
    const before = (await detail.boundingBox())?.height ?? 0;
    await page.getByRole('separator', { name: 'Height of the details' }).press('ArrowDown');
    await expect.poll(async () => (await detail.boundingBox())?.height ?? 0).toBeLessThan(before);
    await button(page, 'Hide the details').click();
    await expect(detail).toHaveCount(0);
    await button(page, 'Show the details').click();
    await expect(detail).toBeVisible();
    await page.setViewportSize({ width: 900, height: 600 });
    await shown(page, 'table-small');
    await page.setViewportSize({ width: 390, height: 800 });
    await expect(button(page, 'Show as a table')).toHaveCount(0);
  });
});
