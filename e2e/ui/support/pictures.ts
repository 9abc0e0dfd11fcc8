import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { shrinkPng } from './palette-png.ts';
import { root } from './places.ts';
import { expect } from './expect.ts';

/** The folder for pictures of the views: that of the documentation only if asked for, as they differ a little at each run. */
const folder = path.join(root, process.env['ENSEMBLE_PICTURES'] === undefined ? 'coverage/ui' : 'docs/images');

/** Takes a picture of the window. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  await writeFile(path.join(folder, `${name}.png`), shrinkPng(png));
}

/** Fails if axe finds a serious or critical problem in what is shown. */
export async function accessible(page: Page, view: string): Promise<void> {
  // Waits until colours have changed over from the other scheme: on the way their contrast is not what users get.
  await page.evaluate(async () => {
    // On a busy machine the change itself comes a frame or two later.
    for (let frames = 0; frames < 3; frames++) await new Promise(requestAnimationFrame);
    const changing = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(changing.map(({ finished }) => finished));
  });
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
  expect(serious, view).toEqual([]);
}
