import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { type LocalSwarm, sameFiles, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { LONG } from '../support/chance.ts';
import { type NatsServer, startNats } from '../support/nats-server.ts';
import { expect } from './support/expect.ts';
import { shown, shownOnPhone } from './support/fake-page.ts';
import type { Front } from './support/front.ts';
import { button, description, drop, row } from './support/hands.ts';
import { temporary } from './support/places.ts';
import { served } from './support/served.ts';

const NAME = 'ensemble-demo.bin';
const PIECES = 64;
/** Of each seed: what is there is enough until all have joined. */
const SLOW = 0.04 * 1024 * 1024;
const PATIENCE = { timeout: 60_000 };
const NATS = '/usr/sbin/nats-server';
const LOGIN = { user: 'film', password: 'p@ss:word' };

/** Three programs, each with a window, which have nothing in common but a real nats-server. */
describe.skipIf(!LONG || served.missing !== undefined || !existsSync(NATS))('windows of several machines', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let swarm: LocalSwarm;
  let server: NatsServer;
  const fronts: Front[] = [];

  beforeAll(async () => {
    place = await temporary();
    server = await startServer();
    const folder = path.join(place.folder, 'swarm');
    await mkdir(folder);
    swarm = await startLocalSwarm({ folder, mebibytes: 16, seeds: 6, uploadRate: SLOW });
    for (const i of [0, 1, 2]) fronts.push(await begin(i));
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const i of fronts.keys()) await page(i).screenshot({ path: `coverage/ui/together-failed-${i}.png` });
  });
  afterAll(async () => {
    await Promise.all(fronts.map((front) => front.quit()));
    await swarm.close();
    server.process.kill();
    await place.remove();
  });

  const startServer = (port?: number): Promise<NatsServer> =>
    startNats(path.join(place.folder, 'nats'), port, ['--user', LOGIN.user, '--pass', LOGIN.password]);
  const begin = (i: number): Promise<Front> =>
    served.start({ state: path.join(place.folder, `state-${i}`), root: place.folder });
  const output = (i: number): string => path.join(place.folder, `out-${i}`);
  const page = (i: number): Page => {
    const front = fronts[i];
    if (front === undefined) throw new Error(`no window ${i}`);
    return front.page;
  };
  const machines = (i: number): Locator =>
    page(i)
      .getByRole('table', { name: 'Identities' })
      .getByRole('rowheader', { name: /(this|another) machine/ });

  /** Fills in the dialog, without sending it. */
  const choose = async (i: number, address: string): Promise<Locator> => {
    await drop(page(i), [{ name: `${NAME}.torrent`, data: swarm.torrent }]);
    const dialog = page(i).getByRole('dialog', { name: `Add ${NAME}` });
    await dialog.getByLabel('Save in').fill(output(i));
    await dialog.getByRole('button', { name: 'Advanced' }).click();
    await dialog.getByRole('checkbox', { name: 'With other machines' }).check();
    await dialog.getByLabel('Where they meet').fill(address);
    return dialog;
  };

  it('join from the dialog, show each other, and each ends with the file', { timeout: 240_000 }, async () => {
    const address = `127.0.0.1:${server.port}/film`;
    // A wrong password is a sentence, which the right one mends.
    const first = await choose(0, 'nats://127.0.0.1');
    await first.getByRole('button', { name: 'Download' }).click();
    await expect(first).toContainText('Give nats://SERVER/NAME');
    await first.getByLabel('Where they meet').fill(address);
    await first.getByLabel('User, or a token').fill(LOGIN.user);
    await first.getByLabel('Password').fill('wrong');
    await first.getByRole('button', { name: 'Download' }).click();
    const trouble = page(0)
      .getByRole('region', { name: `Download ${NAME}` })
      .getByRole('alert');
    await expect(trouble).toContainText('does not let us in', PATIENCE);
    await expect(trouble).not.toContainText('wrong');
    await shown(page(0), 'together-refused');
    await button(page(0), 'Remove').click();
    await page(0).getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(row(page(0), NAME)).toHaveCount(0);

    for (const i of [0, 1, 2]) {
      const dialog = await choose(i, address);
      await dialog.getByLabel('User, or a token').fill(LOGIN.user);
      await dialog.getByLabel('Password').fill(LOGIN.password);
      if (i === 0) {
        await shown(page(0), 'together-add');
        await shownOnPhone(page(0), 'together-add');
        await page(0).setViewportSize({ width: 1240, height: 800 });
      }
      await dialog.getByRole('button', { name: 'Download' }).click();
    }
    for (const i of [0, 1, 2]) {
      await expect(machines(i)).toHaveCount(3, PATIENCE);
      await expect(machines(i).filter({ hasText: 'this machine' })).toHaveCount(1);
      await expect(page(i).getByText('with 2 other machines')).toBeVisible(PATIENCE);
    }
    // What the others fetched is in the map of each.
    const maps = page(1).getByRole('table', { name: 'Identities' }).getByRole('img');
    for (const at of [0, 1, 2]) {
      await expect.poll(() => description(maps.nth(at)), PATIENCE).toMatch(/fetched [1-9]\d* of 64/);
    }
    await shown(page(1), 'together');

    // A program that begins again goes on where it was, in its place.
    await fronts[2]?.quit();
    await expect(machines(0).filter({ hasText: /Not heard of|Left/i })).toHaveCount(1, PATIENCE);
    fronts[2] = await begin(2);
    await row(page(2), NAME).click();
    await expect(page(2).getByText('with 2 other machines')).toBeVisible(PATIENCE);

    // The server goes and comes back.
    server.process.kill('SIGKILL');
    await expect(page(0).getByText('going on with what is claimed')).toBeVisible(PATIENCE);
    await shown(page(0), 'together-away');
    server = await startServer(server.port);
    await expect(page(0).getByText('going on with what is claimed')).toHaveCount(0, PATIENCE);

    swarm.limit(0);
    for (const i of [0, 1, 2]) {
      await expect(row(page(i), NAME)).toContainText(/Seeding|Done/, PATIENCE);
      expect(await sameFiles(path.join(output(i), NAME), swarm.payload)).toBe(true);
      await expect(page(i).getByText(`${PIECES} pieces verified`)).toBeVisible();
    }
    await shown(page(0), 'together-done');
  });
});
