import path from 'node:path';
import { expect } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type DesktopFront, development } from './support/electron.ts';
import { add, drop, fetchedBy, piecesThere } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { temporary } from './support/places.ts';
import { type LargeSwarm, startLargeSwarm } from './support/seeding.ts';

const NAME = 'large.bin';
const PIECES = 100_000;

describe.skipIf(development.missing !== undefined)('a torrent with 100,000 pieces and 32 identities', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let swarm: LargeSwarm;
  let front: DesktopFront;

  beforeAll(async () => {
    place = await temporary();
    swarm = await startLargeSwarm({
      folder: place.folder,
      name: NAME,
      pieces: PIECES,
      pieceLength: 16 * 1024,
      seeds: 4,
      uploadRate: 3 * 1024 * 1024,
    });
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
  });
  afterAll(async () => {
    await front.quit();
    await swarm.close();
    await place.remove();
  });

  it('fills its maps, and the window answers meanwhile', { timeout: 120_000 }, async () => {
    const { page } = front;
    // Thirty-two identities and four seeds leave a small machine little for the window.
    page.setDefaultTimeout(40_000);
    await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: 32 });
    await expect(page.getByRole('img', { name: 'Pieces by identity' })).toBeVisible({ timeout: 30_000 });
    await expect.poll(() => piecesThere(page), { timeout: 45_000 }).toBeGreaterThan(1500);
    expect(await page.getByRole('table', { name: 'Identities' }).getByRole('rowheader').count()).toBe(32);
    const shares = await Promise.all(Array.from({ length: 32 }, (_, i) => fetchedBy(page, i + 1)));
    // Behind one address a peer is dealt to one identity at a time: as many fetch as there are seeds.
    expect(shares.filter((share) => share > 0).length).toBeGreaterThanOrEqual(4);
    for (const tab of ['Peers', 'Files', 'Trackers', 'Log', 'Identities']) {
      await page.getByRole('tab', { name: tab }).click();
      await expect(page.getByRole('tabpanel', { name: tab })).toBeVisible();
    }
    await accessible(page, 'large');
    await picture(page, 'large');
  });
});
