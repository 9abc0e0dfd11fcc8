import path from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type DesktopFront, development } from './support/electron.ts';
import { add, button, drop, fetchedBy, fetchedByEach, identityRow, piecesThere, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { temporary } from './support/places.ts';
import { type LargeSwarm, startLargeSwarm } from './support/seeding.ts';
import { expect } from './support/expect.ts';

const NAME = 'large.bin';
const PIECES = 100_000;
const IDENTITIES = 32;
/** Time limit: while the identities start, they leave little of the machine to the window. */
const BUSY = 60_000;
/** So many processes take long to start and to come back; checks are rare, so that they do not slow them down. */
const PATIENCE = { timeout: 150_000, intervals: [2000] };

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
      // Behind one address a peer is dealt to one identity at a time, so there is one seed for each identity.
      seeds: IDENTITIES,
      // What makes this large is how many pieces and identities there are, not how fast they are: the machine is the tests'.
      uploadRate: 32 * 1024,
      here: true,
    });
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
  });
  afterAll(async () => {
    await front.quit();
    await swarm.close();
    await place.remove();
  });

  it('fills its maps, and the window answers meanwhile', { timeout: 400_000 }, async () => {
    const { page } = front;
    page.setDefaultTimeout(BUSY);
    await drop(page, [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: IDENTITIES });
    await expect(page.getByRole('img', { name: 'Pieces by identity' })).toBeVisible(PATIENCE);
    await expect(page.getByRole('table', { name: 'Identities' }).getByRole('rowheader')).toHaveCount(
      IDENTITIES,
      PATIENCE,
    );
    await expect
      .poll(async () => (await fetchedByEach(page)).filter((share) => share > 0).length, PATIENCE)
      .toBe(IDENTITIES);
    await expect.poll(() => piecesThere(page), PATIENCE).toBeGreaterThan(1500);
    for (const tab of ['Peers', 'Files', 'Sources', 'Log', 'Identities']) {
      await page.getByRole('tab', { name: tab }).click();
      await expect(page.getByRole('tabpanel', { name: tab })).toBeVisible(PATIENCE);
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
    await expect(row(page, NAME)).toContainText('Paused', PATIENCE);
    const before = await piecesThere(page);
    await front.quit();
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
    ({ page } = front);
    page.setDefaultTimeout(BUSY);
    await row(page, NAME).click();
    await expect(row(page, NAME)).toContainText('Paused', PATIENCE);
    await expect.poll(() => piecesThere(page), PATIENCE).toBeGreaterThanOrEqual(before);
    const held = await fetchedByEach(page);
    expect(held.reduce((a, b) => a + b)).toBe(await piecesThere(page));
    expect(held.every((share) => share > 0)).toBe(true);
    const now = await piecesThere(page);
    await button(page, 'Resume').click();
    await expect.poll(() => piecesThere(page), PATIENCE).toBeGreaterThan(now);
  });
});
