import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { asked, asRoot, type DesktopFront, development } from './support/electron.ts';
import { expect } from './support/expect.ts';
import { add, button, row } from './support/hands.ts';
import { accessible, picture } from './support/pictures.ts';
import { electronPath, root, temporary } from './support/places.ts';
import { missingForTray, Tray } from './support/tray.ts';

const NAME = 'ensemble-demo.bin';

/** What the program puts into the tray. */
interface InTray {
  click(id: string): void;
  readonly enabled: Readonly<Record<string, boolean>>;
}

describe.skipIf(development.missing !== undefined || process.platform !== 'linux')('without a window', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let front: DesktopFront;
  let swarm: LocalSwarm | undefined;
  let tray: Tray | undefined;
  const others: ChildProcess[] = [];
  const state = (): string => path.join(place.folder, 'state');
  const autostart = (): string => path.join(place.folder, 'home/.config/autostart/ensemble.desktop');
  const entry = (): Promise<string> => readFile(autostart(), 'utf8').catch(() => '');

  beforeEach(async () => {
    place = await temporary();
  });
  afterEach(async () => {
    await front.quit();
    for (const one of others.splice(0)) if (one.exitCode === null) one.kill('SIGKILL');
    await swarm?.close();
    swarm = undefined;
    await tray?.close();
    tray = undefined;
    await place.remove();
  });

  const start = async (open: readonly string[] = []): Promise<void> => {
    front = await development.start({ state: state(), root: place.folder, open });
  };
  /** Starts the program once more, as a user would; resolves when that one has handed over. */
  const startAgain = async (...args: string[]): Promise<void> => {
    const main = path.join(root, 'dist/electron/main.cjs');
    const all = [...asRoot, '-r', main, root, `--state=${state()}`, ...args];
    const home = path.join(place.folder, 'home');
    const again = spawn(electronPath() ?? '', all, { stdio: 'ignore', env: { ...process.env, HOME: home } });
    others.push(again);
    await once(again, 'exit');
  };
  const notified = (): Promise<string> => readFile(path.join(place.folder, 'notified'), 'utf8').catch(() => '');
  /** Titles of notifications go to a file, which is there when the program has ended. */
  const watchNotifications = (): Promise<void> =>
    asked(() =>
      front.app.evaluate(
        ({ Notification }, file) => {
          Notification.isSupported = () => true;
          Notification.prototype.show = function (this: Electron.Notification): void {
            process.getBuiltinModule('fs').appendFileSync(file, this.title);
          };
        },
        path.join(place.folder, 'notified'),
      ),
    );
  const windows = (): Promise<number> =>
    asked(() => front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length));
  const closeWindow = (): Promise<void> =>
    front.app.evaluate(({ BrowserWindow }) => setTimeout(() => BrowserWindow.getAllWindows()[0]?.close()) && undefined);
  const settings = async (): Promise<void> => {
    await front.page.getByRole('button', { name: 'Settings' }).click();
    await front.page.getByRole('tab', { name: 'Appearance' }).click();
  };
  const check = (name: string) => front.page.getByRole('checkbox', { name });
  const watchTray = (): Promise<void> =>
    front.app.evaluate(({ Tray }) => {
      Tray.prototype.setContextMenu = (menu) => {
        const items = menu?.items ?? [];
        const inTray: InTray = {
          click: (id) => void items.find((item) => item.id === id)?.click(),
          enabled: Object.fromEntries(items.map((item) => [item.id, item.enabled])),
        };
        Object.assign(globalThis, { inTray });
      };
    });
  const inTray = (): Promise<InTray['enabled']> =>
    asked(() => front.app.evaluate(() => (globalThis as unknown as { inTray?: InTray }).inTray?.enabled ?? {}));
  const chooseInTray = (id: string): Promise<void> =>
    front.app.evaluate((_, of) => (globalThis as unknown as { inTray: InTray }).inTray.click(of), id);

  it('downloads go on when it is closed, the tray has a menu, and a second start shows the window again', async () => {
    swarm = await startLocalSwarm({ folder: place.folder, mebibytes: 2, seeds: 1, uploadRate: 0 });
    swarm.limit(64 * 1024);
    await start([swarm.torrentFile]);
    await watchTray();
    await watchNotifications();
    await add(front.page, NAME, { folder: path.join(place.folder, 'out'), identities: 1 });
    await settings();
    await check('Keep running when the window is closed').click();
    await picture(front.page, 'settings-program');
    await accessible(front.page, 'settings of the program');
    await front.page.keyboard.press('Escape');
    await expect.poll(async () => (await inTray())['pause-all']).toBe(true);
    await closeWindow();
    await expect.poll(windows).toBe(0);
    await expect.poll(notified).toBe('Ensemble is still running');
    swarm.limit(0);
    await expect
      .poll(() =>
        readFile(path.join(place.folder, 'out', NAME)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await front.questions()).toEqual([]);
    // Its file is there a moment before it seeds; a pause in between is none of what seeds then.
    await expect
      .poll(async () => {
        if ((await inTray())['pause-all'] === true) await chooseInTray('pause-all');
        return inTray();
      })
      .toMatchObject({ 'pause-all': false, 'resume-all': true });
    await startAgain('--hidden');
    expect(await windows()).toBe(0);
    const shown = front.app.waitForEvent('window');
    await startAgain();
    const page = await shown;
    await expect(row(page, NAME)).toContainText('Paused');
    await closeWindow();
    await expect.poll(windows).toBe(0);
    const again = front.app.waitForEvent('window');
    await chooseInTray('show');
    await expect(row(await again, NAME)).toBeVisible();
    const gone = front.app.waitForEvent('close');
    await chooseInTray('quit');
    await gone;
  });

  it.skipIf(missingForTray.length > 0)('is in the tray of the desktop, from where alone it is used', async () => {
    tray = await Tray.open();
    await mkdir(state(), { mode: 0o700 });
    const settings = { version: 2, dht: false, lsd: false, portMap: false, keepRunning: true };
    await writeFile(path.join(state(), 'settings.json'), JSON.stringify(settings));
    await start();
    await tray.icon();
    await expect.poll(() => tray?.tip()).toBe('Ensemble');
    const lines = ['Show Ensemble', 'Pause All', 'Resume All', 'Alternative Limits', 'Quit Ensemble'];
    await expect.poll(() => tray?.menu()).toEqual(lines);
    await closeWindow();
    await expect.poll(windows).toBe(0);
    await startAgain('--hidden');
    expect(await windows()).toBe(0);
    for (const bring of [() => tray?.activate(), () => tray?.choose('Show Ensemble')]) {
      const shown = front.app.waitForEvent('window');
      await bring();
      await button(await shown, 'Add torrent').waitFor();
      await closeWindow();
      await expect.poll(windows).toBe(0);
    }
    await tray.choose('Alternative Limits');
    const chosen = (): Promise<string> => readFile(path.join(state(), 'settings.json'), 'utf8');
    await expect.poll(chosen).toMatch(/"byHand":\s*\{\s*"on":\s*true/);
    const gone = front.app.waitForEvent('close');
    await tray.choose('Quit Ensemble');
    await gone;
  });

  it('starts at login by a file of ours alone, and is then not in the way', async () => {
    await start();
    await settings();
    await check('Start when I log in').click();
    await expect.poll(entry).toContain('--hidden');
    expect(await entry()).toContain(`--state=${state()}`);
    await check('Start when I log in').click();
    await expect.poll(entry).toBe('');
    const foreign = '[Desktop Entry]\nType=Application\nName=Mine\nExec=mine\n';
    await writeFile(autostart(), foreign);
    await check('Start when I log in').click();
    await expect.poll(() => front.questions()).toEqual([expect.stringContaining('is not ours')]);
    await expect(check('Start when I log in')).not.toBeChecked();
    expect(await entry()).toBe(foreign);
    await front.quit();
    // There is no tray here: the window is in the list of windows.
    await mkdir(path.dirname(autostart()), { recursive: true });
    await start(['--hidden']);
    const minimized = (): Promise<boolean | undefined> =>
      asked(() => front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()));
    await expect.poll(windows).toBe(1);
    await startAgain();
    await expect.poll(minimized).toBe(true);
    // It was not to go on without its window: that ends it, and nothing says otherwise.
    await watchNotifications();
    const gone = front.app.waitForEvent('close');
    await closeWindow();
    await gone;
    expect(await notified()).toBe('');
  });
});
