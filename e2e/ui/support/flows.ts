import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { type LocalSwarm, sameFiles, startLocalSwarm } from '../../../core/entry/local-swarm.ts';
import type { Front, FrontKind } from './front.ts';
import { add, button, drop, fetchedBy, identityRow, piecesThere, row } from './hands.ts';
import { root, temporary } from './places.ts';
import { expect } from './expect.ts';

const NAME = 'ensemble-demo.bin';
const OTHER = 'another.bin';
/** At the rate of `SLOW` it takes more than a minute, which is enough for all that is done meanwhile. */
const MEBIBYTES = 32;
const PIECES = MEBIBYTES * 4;
const SWARM = { mebibytes: MEBIBYTES, seeds: 4, uploadRate: 2 * 1024 * 1024 } as const;
/** Rate of each seed: so low that even on a busy machine the last identity starts while there is something left to fetch. */
const SLOW = 0.1 * 1024 * 1024;
/** A rate that does not slow the seeds down. */
const FREE = 0;

/** How many pieces the four identities have fetched, by their own maps. */
async function fetchedByAll(page: Page): Promise<number> {
  const shares = await Promise.all([1, 2, 3, 4].map((identity) => fetchedBy(page, identity)));
  return shares.reduce((a, b) => a + b);
}

/** What a user does with a download, from dropping the torrent to the finished file, in one kind of window. */
export function describeDownloads(kind: FrontKind): void {
  describe.skipIf(kind.missing !== undefined)(kind.name, () => {
    const swarms: LocalSwarm[] = [];
    let place: Awaited<ReturnType<typeof temporary>>;
    let front: Front | undefined;

    beforeEach(async () => {
      place = await temporary();
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail')
        await front?.page.screenshot({ path: path.join(root, 'coverage/ui', `${task.id}.png`) });
      await front?.quit();
      front = undefined;
      for (const swarm of swarms.splice(0)) await swarm.close();
      await place.remove();
    });

    const start = async (): Promise<Front> =>
      (front = await kind.start({ state: path.join(place.folder, 'state'), root: place.folder }));
    const seed = async (name = NAME): Promise<LocalSwarm> => {
      const folder = path.join(place.folder, `swarm of ${name}`);
      await mkdir(folder);
      const swarm = await startLocalSwarm({ folder, name, ...SWARM });
      swarms.push(swarm);
      swarm.limit(SLOW);
      return swarm;
    };
    const output = (): string => path.join(place.folder, 'out');

    it.each(['Rarest first', 'Random', 'Fixed ranges'])('downloads with four identities, %s', async (selection) => {
      const swarm = await seed();
      const { torrent, payload } = swarm;
      const { page } = await start();
      await drop(page, [{ name: `${NAME}.torrent`, data: torrent }]);
      await add(page, NAME, { folder: output(), identities: 4, selection, assemble: true });
      await expect(row(page, NAME)).toBeVisible();
      for (const identity of [1, 2, 3, 4]) {
        await expect.poll(() => fetchedBy(page, identity)).toBeGreaterThan(0);
      }
      swarm.limit(FREE);
      await expect(
        page
          .getByRole('button', { name: 'Show in folder' })
          .or(row(page, NAME).getByText(/Assembled|Seeding/))
          .first(),
      ).toBeVisible();
      await expect.poll(() => piecesThere(page)).toBe(PIECES);
      await expect.poll(() => fetchedByAll(page)).toBe(PIECES);
      expect(await sameFiles(path.join(output(), NAME), payload)).toBe(true);
    });

    it('heals a killed identity in all its downloads, pauses, goes on after a restart, and assembles when told', async () => {
      const downloads = [
        { name: NAME, swarm: await seed(), before: 0 },
        { name: OTHER, swarm: await seed(OTHER), before: 0 },
      ];
      let { page, identities } = await start();
      for (const { name, swarm } of downloads) {
        await drop(page, [{ name: `${name}.torrent`, data: swarm.torrent }]);
        await add(page, name, { folder: output(), identities: 4, selection: 'Rarest first', assemble: false });
        await row(page, name).click();
        await expect.poll(() => fetchedBy(page, 2)).toBeGreaterThan(0);
        await expect(page.getByRole('button', { name: /Assemble file/ })).toBeDisabled();
      }

      const victim = (await identities()).get(1);
      expect(victim).toBeDefined();
      process.kill(victim!, 'SIGKILL');
      for (const { name } of downloads) {
        await row(page, name).click();
        await expect(identityRow(page, 2)).toContainText(/Restarted .* ago/);
      }
      expect((await identities()).get(1)).not.toBe(victim);
      for (const download of downloads) {
        await row(page, download.name).click();
        // The identity fetches again, also in this download.
        const there = await fetchedBy(page, 2);
        await expect.poll(() => fetchedBy(page, 2)).toBeGreaterThan(there);
        await button(page, 'Pause').click();
        await expect(row(page, download.name)).toContainText('Paused');
        download.before = await piecesThere(page);
        expect(download.before).toBeLessThan(PIECES);
      }
      await front?.quit();

      ({ page, identities } = await start());
      for (const { name, before } of downloads) {
        await row(page, name).click();
        await expect(row(page, name)).toContainText('Paused');
        // Pieces that were there are shown before the download goes on, in the map of the whole and in that of each identity.
        await expect.poll(() => piecesThere(page)).toBeGreaterThanOrEqual(before);
        await expect.poll(async () => (await fetchedByAll(page)) - (await piecesThere(page))).toBe(0);
      }
      expect((await identities()).size).toBe(0);
      for (const { name, swarm } of downloads) {
        swarm.limit(FREE);
        await row(page, name).click();
        await button(page, 'Resume').click();
      }
      for (const { name, swarm } of downloads) {
        await row(page, name).click();
        const assemble = page.getByRole('button', { name: /Assemble file/ });
        await expect(assemble).toBeEnabled();
        await assemble.click();
        const file = path.join(output(), name);
        const size = (): Promise<number> =>
          stat(file).then(
            (found) => found.size,
            () => 0,
          );
        await expect.poll(size).toBe(MEBIBYTES * 1024 * 1024);
        expect(await sameFiles(file, swarm.payload)).toBe(true);
      }
    });

    it('refuses what is no torrent with a sentence', async () => {
      const { page } = await start();
      await drop(page, [{ name: 'holiday.jpg', data: Buffer.from('not a torrent') }]);
      await expect(page.getByRole('alert').filter({ hasText: 'holiday.jpg' })).toContainText('no torrent file');
      await drop(page, [{ name: 'broken.torrent', data: Buffer.from('d4:infod6:lengthi-1eee') }]);
      await expect(page.getByRole('alert').filter({ hasText: 'broken.torrent' })).toBeVisible();
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await expect(page.getByRole('heading', { name: 'Drop a .torrent here' })).toBeVisible();
    });
  });
}
