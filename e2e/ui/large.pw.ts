import path from 'node:path';
import { expect } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type DesktopFront, development } from './support/electron.ts';
import { add, button, drop, fetchedBy, identityRow, piecesThere, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { temporary } from './support/places.ts';
import { type LargeSwarm, startLargeSwarm } from './support/seeding.ts';

const NAME = 'large.bin';
const PIECES = 100_000;
const IDENTITIES = 32;
/** So many processes take a while to start, and to come back. */
const PATIENCE = { timeout: 150_000 };

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
      // Behind one address a peer is dealt to one identity at a time: one for each.
      seeds: IDENTITIES,
      uploadRate: 128 * 1024,
      here: true,
    });
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
  });
  afterAll(async () => {
    await front.quit();
    await swarm.close();
    await place.remove();
  });

  /** Pieces that each identity's own map says it fetched. */
  const shares = (): Promise<number[]> =>
    Promise.all(Array.from({ length: IDENTITIES }, (_, i) => fetchedBy(front.page, i + 1)));

  it('fills its maps, and the window answers meanwhile', { timeout: 400_000 }, async () => {
    const { page } = front;
    await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: IDENTITIES });
    await expect(page.getByRole('img', { name: 'Pieces by identity' })).toBeVisible(PATIENCE);
    await expect(page.getByRole('table', { name: 'Identities' }).getByRole('rowheader')).toHaveCount(IDENTITIES);
    await expect.poll(async () => (await shares()).filter((share) => share > 0).length, PATIENCE).toBe(IDENTITIES);
    await expect.poll(() => piecesThere(page), PATIENCE).toBeGreaterThan(1500);
    for (const tab of ['Peers', 'Files', 'Trackers', 'Log', 'Identities']) {
      await page.getByRole('tab', { name: tab }).click();
      await expect(page.getByRole('tabpanel', { name: tab })).toBeVisible();
    }
    await accessible(page, 'large');
    await picture(page, 'large');
  });

  it('heals a killed identity, and shows what it has after a restart', { timeout: 400_000 }, async () => {
    let { page } = front;
    const victim = (await front.identities()).get(20);
    expect(victim).toBeDefined();
    process.kill(victim!, 'SIGKILL');
    await expect(identityRow(page, 21)).toContainText(/Restarted .* ago/, PATIENCE);
    const there = await fetchedBy(page, 21);
    await expect.poll(() => fetchedBy(page, 21), PATIENCE).toBeGreaterThan(there);

    await button(page, 'Pause').click();
    await expect(row(page, NAME)).toContainText('Paused');
    const before = await piecesThere(page);
    await front.quit();
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
    ({ page } = front);
    await row(page, NAME).click();
    await expect(row(page, NAME)).toContainText('Paused');
    await expect.poll(() => piecesThere(page)).toBeGreaterThanOrEqual(before);
    const held = await shares();
    expect(held.reduce((a, b) => a + b)).toBe(await piecesThere(page));
    expect(held.every((share) => share > 0)).toBe(true);
    const now = await piecesThere(page);
    await button(page, 'Resume').click();
    await expect.poll(() => piecesThere(page), PATIENCE).toBeGreaterThan(now);
  });
});
