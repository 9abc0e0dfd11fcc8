import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import type { Front } from './support/front.ts';
import { add, button, drop, fetchedBy, identityRow, row, tabTo } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { temporary } from './support/places.ts';
import { served } from './support/served.ts';

const NAME = 'ensemble-demo.bin';
const PATIENCE = { timeout: 60_000 };
/** Nobody is there: nothing leaves this machine. */
const NODE = '127.0.0.1:9';

describe.each([served, development])('$name', (kind) => {
  describe.skipIf(kind.missing !== undefined)('where peers come from', () => {
    let place: Awaited<ReturnType<typeof temporary>>;
    let swarm: LocalSwarm;
    let front: Front;
    let page: Page;

    beforeAll(async () => {
      place = await temporary();
      const folder = path.join(place.folder, 'swarm');
      await mkdir(folder);
      swarm = await startLocalSwarm({ folder, mebibytes: 64, seeds: 4, uploadRate: 0.1 * 1024 * 1024 });
      front = await kind.start({ state: path.join(place.folder, 'state'), root: place.folder });
      ({ page } = front);
      await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
      await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: 2, assemble: false });
      for (const identity of [1, 2]) await expect.poll(() => fetchedBy(page, identity), PATIENCE).toBeGreaterThan(0);
    });
    afterAll(async () => {
      await front.quit();
      await swarm.close();
      await place.remove();
    });

    const shown = async (name: string): Promise<void> => {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await accessible(page, `${name}, ${colorScheme}`);
        if (kind === served) await picture(page, `${name}-${colorScheme}-served`);
      }
    };
    const rowOf = (table: string, name: string | RegExp): Locator =>
      page
        .getByRole('table', { name: table })
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name }) });

    it('each source with its state and what it gave, then the trackers', async () => {
      await page.getByRole('tab', { name: 'Sources' }).click();
      const trackers = rowOf('Sources of peers', 'Trackers');
      await expect(trackers).toContainText('1 of 1 working');
      await expect(trackers).toContainText(/working\s*[1-9]/);
      await expect(rowOf('Sources of peers', 'Peer exchange')).toContainText('On');
      await expect(rowOf('Sources of peers', 'Local network')).toContainText('On');
      await expect(rowOf('Sources of peers', 'DHT')).toContainText('Looking for nodes');
      await expect(page.getByRole('table', { name: 'Trackers' }).getByRole('cell', { name: 'Working' })).toHaveCount(2);
      await shown('sources');
      if (kind !== served) return;
      const size = page.viewportSize();
      await page.setViewportSize({ width: 390, height: 844 });
      // The list comes first.
      await row(page, NAME).click();
      await page.getByRole('tab', { name: 'Sources' }).scrollIntoViewIfNeeded();
      await shown('sources-390');
      if (size !== null) await page.setViewportSize(size);
    });

    it('a way that is switched off for all downloads is off', async () => {
      await button(page, 'Settings').click();
      const dialog = page.getByRole('dialog', { name: 'Settings' });
      await dialog.getByRole('tab', { name: 'Network' }).click();
      await dialog.getByRole('checkbox', { name: 'Peer exchange' }).click();
      await dialog.getByRole('button', { name: 'Done' }).click();
      await expect(rowOf('Sources of peers', 'Peer exchange')).toContainText('Off');
      await expect(rowOf('Sources of peers', 'Local network')).toContainText('On');
    });

    it('whether peers reach an identity: a word, and by the keyboard what to do', async () => {
      await page.getByRole('tab', { name: 'Identities' }).click();
      const words = identityRow(page, 1).getByRole('button', { name: /^(Reachable\??|Port open|Port closed)$/ });
      await expect(words).toHaveAccessibleDescription(/\w{3,} \w+/);
      // What holds may change at any moment, and its meaning with it.
      const tips = async (): Promise<number> => {
        const meaning = await words.evaluate(
          (one) => document.getElementById(one.getAttribute('aria-describedby') ?? '')?.textContent ?? '',
        );
        return page.getByText(meaning).and(page.locator(':visible')).count();
      };
      await expect.poll(tips).toBe(0);
      await page.getByRole('tab', { name: 'Identities' }).focus();
      await tabTo(page, words);
      await expect.poll(tips).toBe(1);
      await shown('reachability');
      await page.keyboard.press('Escape');
      await expect.poll(tips).toBe(0);
    });

    it('nodes to start from and routers by hand: nothing wrong is taken, and what is right is kept', async () => {
      const open = async (): Promise<Locator> => {
        await button(page, 'Settings').click();
        const dialog = page.getByRole('dialog', { name: 'Settings' });
        await dialog.getByRole('tab', { name: 'Network' }).click();
        return dialog;
      };
      let dialog = await open();
      const places = (): Locator => dialog.getByRole('textbox', { name: 'Nodes that lead into the DHT' });
      const routers = (): Locator => dialog.getByRole('textbox', { name: 'Routers by hand' });
      await places().fill('nowhere');
      await expect(places()).toHaveAttribute('aria-invalid', 'true');
      await expect(places()).toHaveAccessibleDescription(/HOST:PORT/);
      await routers().fill('router.lan');
      await expect(routers()).toHaveAttribute('aria-invalid', 'true');
      await shown('settings-network');
      await places().fill(`${NODE} [::1]:9`);
      await routers().fill('10.2.0.1');
      await expect(places()).not.toHaveAttribute('aria-invalid');
      await dialog.getByRole('checkbox', { name: /^Keep the DHT running/ }).click();
      await dialog.getByRole('button', { name: 'Done' }).click();
      dialog = await open();
      await expect(places()).toHaveValue(`${NODE}, [::1]:9`);
      await expect(routers()).toHaveValue('10.2.0.1');
      await expect(dialog.getByRole('checkbox', { name: /^Keep the DHT running/ })).toBeChecked();
      await dialog.getByRole('button', { name: 'Done' }).click();
    });
  });
});
