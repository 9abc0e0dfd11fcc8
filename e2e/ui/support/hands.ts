import type { Locator, Page } from '@playwright/test';
import { expect } from './expect.ts';

/** Actions of a user. Elements are found by the names that screen readers tell. */

/** Drops files on the window. */
export async function drop(page: Page, files: readonly { name: string; data: Uint8Array }[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    (list) => {
      const data = new DataTransfer();
      for (const { name, text } of list) {
        data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
      }
      return data;
    },
    files.map(({ name, data }) => ({ name, text: Buffer.from(data).toString('base64') })),
  );
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('body', type, { dataTransfer: transfer });
  }
}

export interface AddChoices {
  readonly folder?: string;
  readonly identities?: number;
  readonly selection?: string;
  readonly assemble?: boolean;
}

/** The dialog that asks how to download `name`. */
export const addDialog = (page: Page, name: string): Locator => page.getByRole('dialog', { name: `Add ${name}` });

/** Fills in the Add dialog and starts the download. */
export async function add(page: Page, name: string, choices: AddChoices): Promise<void> {
  const dialog = addDialog(page, name);
  await expect(dialog).toBeVisible();
  if (choices.folder !== undefined) await dialog.getByRole('textbox', { name: 'Save in' }).fill(choices.folder);
  if (choices.identities !== undefined) {
    const number = dialog.getByRole('spinbutton', { name: 'Identities' });
    await number.fill(String(choices.identities));
    await number.blur();
  }
  if (choices.selection !== undefined) await dialog.getByRole('radio', { name: choices.selection }).click();
  if (choices.assemble !== undefined) {
    const box = dialog.getByRole('checkbox', { name: 'Assemble when complete' });
    if ((await box.isChecked()) !== choices.assemble) await box.click();
  }
  await dialog.getByRole('button', { name: 'Download', exact: true }).click();
  await expect(dialog).toBeHidden();
}

/** Presses Tab until this element has the focus. */
export async function tabTo(page: Page, what: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (await what.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${what.toString()}.`);
}

/** Waits until keys are for the menu that opens: before, they are for what opens it. */
export async function menuTakesKeys(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => Boolean(document.activeElement?.closest('[role="menu"]')))).toBe(true);
}

/** The one button of exactly that name. */
export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

/** The row of a download in the list. */
export const row = (page: Page, name: string): Locator =>
  page.getByRole('grid', { name: 'Downloads' }).getByRole('row', { name });

/** The row of an identity in the table; identities are counted from 1. */
export const identityRow = (page: Page, identity: number): Locator =>
  page.getByRole('table', { name: 'Identities' }).getByRole('row', { name: `Identity ${identity}`, exact: true });

/** How many pieces an identity has fetched, according to its own map. */
export async function fetchedBy(page: Page, identity: number): Promise<number> {
  const map = identityRow(page, identity).getByRole('img', { name: `Pieces of identity ${identity}`, exact: true });
  return fetchedOf(await description(map));
}

/** The same for all identities in one query: with many identities, a query for each keeps the window busy for seconds. */
export async function fetchedByEach(page: Page): Promise<number[]> {
  const maps = page.getByRole('table', { name: 'Identities' }).getByRole('img', { name: /^Pieces of identity \d+$/ });
  return (await maps.evaluateAll(told)).map(fetchedOf);
}

const fetchedOf = (text: string): number => Number(/fetched ([\d,]+) of/.exec(text)?.[1]?.replaceAll(',', '') ?? 0);

/** The numbers in the label of a map, which a screen reader tells. */
export async function description(image: Locator): Promise<string> {
  const [text = ''] = await image.evaluate(told);
  return text;
}

/** Runs in the page: the label of each element. */
const told = (found: Element | readonly Element[]): string[] =>
  [found].flat().map((element) => {
    const ids = element.getAttribute('aria-describedby')?.split(' ') ?? [];
    const described = ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
    return `${element.getAttribute('aria-label') ?? ''} ${element.getAttribute('aria-description') ?? ''} ${described}`;
  });

/** How many pieces are there, according to the map of the whole. */
export async function piecesThere(page: Page): Promise<number> {
  const map = page.getByRole('img', { name: 'Pieces by identity' });
  return Number(/([\d,]+) of [\d,]+ pieces/.exec(await description(map))?.[1]?.replaceAll(',', '') ?? 0);
}
