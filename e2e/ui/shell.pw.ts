import { readFile, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { isRunning } from '../support/processes.ts';
import { asked, type DesktopFront, development } from './support/electron.ts';
import { add, addDialog, button, fetchedBy, row, tabTo } from './support/hands.ts';
import { electronPath, root, temporary } from './support/places.ts';
import { expect } from './support/expect.ts';

const NAME = 'ensemble-demo.bin';
const MAGNET = 'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&dn=Linked';

describe.skipIf(development.missing !== undefined)('around the window', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let front: DesktopFront | undefined;
  let swarm: LocalSwarm | undefined;
  const state = (): string => path.join(place.folder, 'state');

  const start = async (...open: string[]): Promise<DesktopFront> =>
    (front = await development.start({ state: state(), root: place.folder, open }));
  /** Starts the program again with something to open; resolves to its exit code. */
  const secondInstance = (...open: readonly string[]): Promise<number> => secondInstanceIn(root, open);
  const secondInstanceIn = async (cwd: string, open: readonly string[]): Promise<number> => {
    const args = ['-r', path.join(root, 'dist/electron/main.cjs'), root, `--state=${state()}`, ...open];
    const second = spawn(electronPath() ?? '', [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args], {
      stdio: 'ignore',
      cwd,
    });
    const [code] = (await once(second, 'exit')) as [number];
    return code;
  };
  beforeEach(async () => {
    place = await temporary();
  });
  afterEach(async () => {
    await front?.quit();
    front = undefined;
    await swarm?.close();
    swarm = undefined;
    await place.remove();
  });

  it('offers a file and a link of the command line, and those of a second instance', async () => {
    swarm = await startLocalSwarm({ folder: place.folder, mebibytes: 1, seeds: 0, uploadRate: 1 });
    const { page } = await start(swarm.torrentFile);
    await expect(addDialog(page, NAME)).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

    expect(await secondInstance(MAGNET)).toBe(0);
    await expect(addDialog(page, 'Linked')).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

    // A file, by a path relative to the folder in which the second one is started.
    expect(await secondInstanceIn(place.folder, [path.basename(swarm.torrentFile)])).toBe(0);
    await expect(addDialog(page, NAME)).toBeVisible();
  });

  it('says which file cannot be read', async () => {
    const { page, questions } = await start();
    await expect(page.getByRole('button', { name: 'Add torrent' })).toBeVisible();
    await secondInstance(path.join(place.folder, 'gone.torrent'));
    await expect.poll(questions).toEqual([expect.stringContaining('gone.torrent')]);
    // Several of them are one question, whatever their number.
    const gone = Array.from({ length: 30 }, (_, n) => path.join(place.folder, `${n}.torrent`));
    await secondInstance(...gone);
    await expect
      .poll(questions)
      .toEqual([
        expect.stringContaining('gone.torrent'),
        expect.stringMatching(/0\.torrent(.|\n)*7\.torrent(.|\n)*22 more/),
      ]);
  });

  it('asks before it quits while downloads run, leaves the swarm, and goes on at the next start', async () => {
    swarm = await startLocalSwarm({ folder: place.folder, mebibytes: 16, seeds: 2, uploadRate: 256 * 1024 });
    const { page, app, questions, identities } = await start(swarm.torrentFile);
    await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: 2 });
    await expect.poll(() => fetchedBy(page, 1)).toBeGreaterThan(0);
    const isAwake = (): Promise<boolean> =>
      asked(() => app.evaluate(({ powerSaveBlocker }) => powerSaveBlocker.isStarted(0)));
    await expect.poll(isAwake).toBe(true);
    await expect.poll(async () => (await identities()).size).toBe(2);
    const pids = [...(await identities()).values()];

    await app.evaluate(({ dialog }) => {
      const ask = dialog.showMessageBox;
      dialog.showMessageBox = async (...args: never[]) => ({
        ...(await (ask as (...a: never[]) => ReturnType<typeof ask>)(...args)),
        response: 1,
      });
    });
    await app.evaluate((electron) => electron.app.quit());
    await expect.poll(questions).toEqual([expect.stringContaining(`${NAME} is not complete yet.`)]);
    await expect(row(page, NAME)).toBeVisible();

    await app.evaluate(({ dialog }) => {
      dialog.showMessageBox = () => Promise.resolve({ response: 0, checkboxChecked: false });
    });
    await front?.quit();
    await expect.poll(() => pids.filter(isRunning)).toEqual([]);
    expect(await readFile(path.join(state(), 'logs/ensemble.log'), 'utf8')).toContain('All is left and kept.');

    const again = await start();
    await expect(row(again.page, NAME)).toBeVisible();
  });

  it('keeps where the window was, unless no screen is there any more', async () => {
    const { app } = await start();
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 140, y: 90, width: 1010, height: 700 }),
    );
    await front?.quit();
    const bounds = async (): Promise<unknown> =>
      (await start()).app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
    expect(await bounds()).toMatchObject({ x: 140, y: 90, width: 1010, height: 700 });
    await front?.quit();
    const file = path.join(state(), 'window/window.json');
    const kept = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...kept, x: 90_000 }));
    expect(await bounds()).not.toMatchObject({ x: 90_000 });
  });

  it('lets the native menu act in the window', async () => {
    const { app, page } = await start();
    await expect(page.getByRole('button', { name: 'Add torrent' })).toBeVisible();
    const choose = (id: string): Promise<void> =>
      app.evaluate(({ Menu }, which) => Menu.getApplicationMenu()?.getMenuItemById(which)?.click(), id);
    await choose('paste');
    await expect(page.getByRole('dialog', { name: 'Paste a link' })).toBeVisible();
    await page.keyboard.press('Escape');
    await choose('settings');
    await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
  });

  it('is used by keyboard alone', async () => {
    swarm = await startLocalSwarm({ folder: place.folder, mebibytes: 16, seeds: 2, uploadRate: 256 * 1024 });
    const { page } = await start(swarm.torrentFile);
    await expect(addDialog(page, NAME)).toBeVisible();
    await tabTo(page, addDialog(page, NAME).getByRole('textbox', { name: 'Save in' }));
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(path.join(place.folder, 'out'));
    await tabTo(page, addDialog(page, NAME).getByRole('spinbutton', { name: 'Identities' }));
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await expect(addDialog(page, NAME)).toBeHidden();
    await expect(page.getByRole('table', { name: 'Identities' }).getByRole('rowheader')).toHaveCount(3);
    await tabTo(page, page.getByRole('tab', { name: 'Identities' }));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('table', { name: 'Peers' })).toBeVisible();
    await tabTo(page, button(page, 'Pause'));
    await page.keyboard.press('Space');
    await expect(row(page, NAME)).toContainText('Paused');
  });
});
