import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'vitest';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { asked, type DesktopFront, development } from './support/electron.ts';
import { add, addDialog, button, row } from './support/hands.ts';
import { temporary } from './support/places.ts';
import { expect } from './support/expect.ts';

const NAME = 'ensemble-demo.bin';
const MAGNET = 'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&dn=Linked';

/** What the program did to the system around its window. */
interface Around {
  readonly bars: number[];
  readonly shown: { readonly title: string; readonly body: string }[];
  /** Blockers that were started and are not stopped. */
  readonly awake: number[];
  click(): void;
}

/** Records what the program tells the task bar, the notification area and the power management. */
function watch(front: DesktopFront): Promise<void> {
  return front.app.evaluate(({ BrowserWindow, Notification, powerSaveBlocker }) => {
    let last: { emit(event: string): boolean } | undefined;
    const around: Around = { bars: [], shown: [], awake: [], click: () => void last?.emit('click') };
    Object.assign(globalThis, { around });
    const [window] = BrowserWindow.getAllWindows();
    const setBar = window!.setProgressBar.bind(window);
    window!.setProgressBar = (value, options) => {
      around.bars.push(value);
      setBar(value, options);
    };
    Notification.isSupported = () => true;
    Notification.prototype.show = function show() {
      last = this as unknown as typeof last;
      around.shown.push({ title: this.title, body: this.body });
    };
    const { start, stop } = powerSaveBlocker;
    powerSaveBlocker.start = (type) => {
      const id = start.call(powerSaveBlocker, type);
      around.awake.push(id);
      return id;
    };
    powerSaveBlocker.stop = (id) => {
      around.awake.splice(around.awake.indexOf(id), 1);
      return stop.call(powerSaveBlocker, id);
    };
  });
}

const aroundOf = (front: DesktopFront): Promise<Omit<Around, 'click'>> =>
  asked(() =>
    front.app.evaluate(() => {
      const { bars, shown, awake } = (globalThis as unknown as { around: Around }).around;
      return { bars, shown, awake };
    }),
  );
const isVisible = (front: DesktopFront): Promise<boolean> =>
  asked(() => front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false));
const hide = (front: DesktopFront): Promise<void> =>
  front.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());

describe.skipIf(development.missing !== undefined)('the system around the window', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let front: DesktopFront;
  let swarm: LocalSwarm | undefined;

  beforeEach(async () => {
    place = await temporary();
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
  });
  afterEach(async () => {
    await front.quit();
    await swarm?.close();
    swarm = undefined;
    await place.remove();
  });

  /** Opens a file or a link as the system does. */
  const open = (event: 'open-file' | 'open-url', what: string): Promise<boolean> =>
    front.app.evaluate(({ app }, [name, of]) => app.emit(name as 'open-file', { preventDefault: () => {} }, of), [
      event,
      what,
    ] as const);

  it('shows progress at the task-bar, holds the machine awake, and tells when it is complete and assembled', async () => {
    swarm = await startLocalSwarm({ folder: place.folder, mebibytes: 4, seeds: 2, uploadRate: 1024 * 1024 });
    swarm.limit(64 * 1024);
    await watch(front);
    const { page } = front;
    await open('open-file', swarm.torrentFile);
    await add(page, NAME, { folder: path.join(place.folder, 'out'), identities: 2, assemble: false });
    await expect.poll(async () => (await aroundOf(front)).awake.length).toBe(1);
    // While the window is in front there is no notification.
    await hide(front);
    swarm.limit(0);
    await expect.poll(async () => (await aroundOf(front)).shown).toHaveLength(1);
    await expect.poll(async () => (await aroundOf(front)).bars.at(-1)).toBe(-1);
    await expect.poll(async () => (await aroundOf(front)).awake).toEqual([]);
    const { bars, shown } = await aroundOf(front);
    expect(shown).toEqual([{ title: NAME, body: `Every piece of ${NAME} is there.` }]);
    const fractions = bars.slice(0, -1);
    expect(fractions.length).toBeGreaterThan(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.every((value) => value >= 0 && value <= 1)).toBe(true);

    await front.app.evaluate(() => (globalThis as unknown as { around: Around }).around.click());
    await expect.poll(() => isVisible(front)).toBe(true);
    await row(page, NAME).click();
    await expect(button(page, 'Assemble file')).toBeEnabled();
    // Such a small download is assembled before the window could be hidden, so the button is clicked when it is hidden.
    await hide(front);
    await expect.poll(() => isVisible(front)).toBe(false);
    await button(page, 'Assemble file').evaluate((it) => (it as HTMLElement).click());
    await expect
      .poll(async () => (await aroundOf(front)).shown.at(-1))
      .toEqual({
        title: NAME,
        body: expect.stringContaining('assembled'),
      });
    // The work folder goes once the file is there.
    await expect.poll(() => readdir(path.join(place.folder, 'out'))).toEqual([NAME]);
  });

  it('opens files and links of the system, also while the window is hidden or loads again', async () => {
    swarm = await startLocalSwarm({ folder: place.folder, mebibytes: 1, seeds: 0, uploadRate: 1 });
    const { page } = front;
    const cancel = (): Promise<void> => page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await open('open-file', swarm.torrentFile);
    await expect(addDialog(page, NAME)).toBeVisible();
    await cancel();

    await hide(front);
    await open('open-url', MAGNET);
    await expect.poll(() => isVisible(front)).toBe(true);
    await expect(addDialog(page, 'Linked')).toBeVisible();
    await cancel();

    // It is opened at the moment when the page goes away, so that nothing in the page can have seen it.
    await front.app.evaluate(({ app, BrowserWindow }, file) => {
      BrowserWindow.getAllWindows()[0]?.webContents.reload();
      app.emit('open-file', { preventDefault: () => {} }, file);
    }, swarm.torrentFile);
    await expect(addDialog(page, NAME)).toBeVisible();
    await cancel();
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await open('open-url', 'https://example.org/');
    await page.waitForTimeout(300);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
});
