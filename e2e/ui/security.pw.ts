import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type DesktopFront, development } from './support/electron.ts';
import { temporary } from './support/places.ts';
import { expect } from './support/expect.ts';

/** Runs in a page: returns what the program answers to messages that our own pages never send. */
function talk(messages: readonly unknown[]): Promise<unknown[]> {
  const page = globalThis as unknown as {
    ensembleDesktop: { connect(): void };
    addEventListener(type: string, listener: (event: { ports: MessagePort[] }) => void, options: object): void;
  };
  return new Promise((resolve) => {
    page.addEventListener(
      'message',
      ({ ports: [port] }) => {
        const heard: unknown[] = [];
        const late = setTimeout(() => resolve(heard), 20_000);
        port!.onmessage = ({ data }: { data: unknown }) => {
          if (heard.push(data) < messages.length) return;
          clearTimeout(late);
          resolve(heard);
        };
        for (const message of messages) port!.postMessage(message);
      },
      { once: true },
    );
    page.ensembleDesktop.connect();
  });
}

/** Closes the windows that a test has opened, which are hidden; the application's own is not. */
const closeOthers = (app: ElectronApplication): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) if (!window.isVisible()) window.destroy();
  });

describe.skipIf(development.missing !== undefined)('what a page may not do', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let front: DesktopFront;
  const log = (): Promise<string> => readFile(path.join(place.folder, 'state/logs/ensemble.log'), 'utf8');
  /** Requests that the outside page got; it embeds the pages that it is told to. */
  const hits: string[] = [];
  const outside = createServer((request, response) => {
    hits.push(request.url ?? '');
    const embedded = new URL(request.url ?? '', 'http://outside').searchParams.get('embeds');
    response.setHeader('content-type', 'text/html');
    response.end(embedded === null ? 'outside' : `<iframe src="${embedded}"></iframe>`);
  });
  let outsideUrl = '';

  beforeAll(async () => {
    place = await temporary();
    outside.listen(0, '127.0.0.1');
    await once(outside, 'listening');
    outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
    front = await development.start({ state: path.join(place.folder, 'state'), root: place.folder });
    await expect(front.page.getByRole('button', { name: 'Add torrent' })).toBeVisible();
  });
  afterAll(async () => {
    await front.quit();
    outside.close();
    await place.remove();
  });

  it('reach Node or Electron', async () => {
    const reached = await front.page.evaluate(() => {
      const page = globalThis as unknown as Record<string, unknown>;
      const names = ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron', '__dirname'];
      return names.filter((name) => page[name] !== undefined);
    });
    expect(reached).toEqual([]);
    const api = await front.page.evaluate(() =>
      Object.keys((globalThis as unknown as { ensembleDesktop: object }).ensembleDesktop).sort(),
    );
    expect(api).toEqual(['connect', 'pathOf']);
    const preferences = await front.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): { sandbox: boolean; contextIsolation: boolean; nodeIntegration: boolean };
      };
      const { sandbox, contextIsolation, nodeIntegration } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration };
    });
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  });

  it('run inline script, or fetch from elsewhere', async () => {
    const ran = await front.page.evaluate(async (url) => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.inlineRan = true';
      document.body.append(script);
      const fetched = await fetch(url, { mode: 'no-cors' }).then(
        () => 'fetched',
        () => 'refused',
      );
      script.remove();
      return [(globalThis as unknown as { inlineRan?: boolean }).inlineRan ?? 'refused', fetched];
    }, outsideUrl);
    expect(ran).toEqual(['refused', 'refused']);
  });

  it('read files that are not of the renderer', async () => {
    const answers = await front.page.evaluate(() =>
      Promise.all(
        ['app://ensemble/../../package.json', 'app://ensemble/%2e%2e/main.cjs', 'app://ensemble/..%5cmain.cjs'].map(
          (url) =>
            fetch(url).then(
              (response) => response.status,
              () => 0,
            ),
        ),
      ),
    );
    expect(answers).toEqual([404, 404, 404]);
  });

  it("speak to the program from our page in a window that is not the application's", async () => {
    const { app } = front;
    await app.evaluate(async ({ BrowserWindow, app: application }) => {
      const preload = `${application.getAppPath()}/dist/electron/preload.cjs`;
      const foreign = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      await foreign.loadURL('app://ensemble/index.html');
    });
    await expect.poll(log).toContain('ensemble:connect from app://ensemble/index.html was refused.');
    await closeOthers(app);
  });

  it('embed a page of another origin', async () => {
    hits.length = 0;
    const blocked = await front.page.evaluate(async (url) => {
      const violation = new Promise<string>((resolve) =>
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective)),
      );
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      const directive = await violation;
      frame.remove();
      return directive;
    }, outsideUrl);
    expect(blocked).toBe('frame-src');
    expect(hits).toEqual([]);
  });

  it('speak to the program from a frame of another origin that was given our preload script', async () => {
    const { app } = front;
    // Pages of two origins, in a session without our rules: only the program's own check keeps the frame from it.
    const framed = outsideUrl.replace('127.0.0.1', 'localhost');
    const sent = await app.evaluate(
      async ({ BrowserWindow, app: application }, [page, frame]) => {
        const preload = `${application.getAppPath()}/dist/electron/preload.cjs`;
        const nodeIntegrationInSubFrames = true;
        const webPreferences = { preload, sandbox: true, partition: 'unguarded', nodeIntegrationInSubFrames };
        const foreign = new BrowserWindow({ show: false, webPreferences });
        await foreign.loadURL(`${page ?? ''}?embeds=${encodeURIComponent(frame ?? '')}`);
        const [child] = foreign.webContents.mainFrame.frames;
        await child?.executeJavaScript('ensembleDesktop.connect()');
        return child?.origin;
      },
      [outsideUrl, framed],
    );
    expect(`${sent ?? ''}/`).toBe(framed);
    await expect.poll(log).toContain(`ensemble:connect from ${framed} was refused.`);
    await closeOthers(app);
  });

  it("speak to the program from a frame within the application's own window", async () => {
    const { app, page } = front;
    // Two frames whose making is not prevented: one with our own origin, and one with none.
    await page.evaluate(async () => {
      const blank = document.createElement('iframe');
      const sandboxed = document.createElement('iframe');
      sandboxed.sandbox.add('allow-scripts');
      sandboxed.srcdoc = '<p>nobody';
      const loaded = new Promise((resolve) => sandboxed.addEventListener('load', resolve));
      document.body.append(blank, sandboxed);
      await loaded;
    });
    const tried = await app.evaluate(async ({ BrowserWindow, ipcMain, MessageChannelMain }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents;
      const { mainFrame } = contents;
      /** What its page would do with our preload script, which no frame gets: whether the program answers. */
      const speak = async (senderFrame: unknown): Promise<boolean> => {
        const { port1, port2 } = new MessageChannelMain();
        const answered = new Promise<boolean>((resolve) => {
          port2.on('message', () => resolve(true));
          port2.on('close', () => resolve(false));
        });
        ipcMain.emit('ensemble:connect', { senderFrame, sender: contents, ports: [port1] }, null);
        port2.start();
        port2.postMessage({ t: 'q', m: 'command', a: ['nothing', null], i: '1' });
        return answered;
      };
      const answers = [await speak(null)];
      const api: boolean[] = [];
      for (const frame of mainFrame.frames) {
        answers.push(await speak(frame));
        api.push((await frame.executeJavaScript('"ensembleDesktop" in globalThis')) as boolean);
      }
      return { origins: mainFrame.frames.map(({ origin }) => origin), api, answers, main: await speak(mainFrame) };
    });
    expect(tried.origins.toSorted()).toEqual(['app://ensemble', 'null']);
    expect(tried).toMatchObject({ api: [false, false], answers: [false, false, false], main: true });
    await expect.poll(log).toContain('ensemble:connect from about:srcdoc was refused.');
    await expect.poll(log).toContain('ensemble:connect from a frame that is gone was refused.');
    await page.evaluate(() => document.querySelectorAll('iframe').forEach((frame) => frame.remove()));
  });

  it('change anything by a message that is not of its form', async () => {
    const answers = await front.page.evaluate(talk, [
      { t: 'q', m: 'command', a: ['pause', { key: 'not one' }], i: '1' },
      { t: 'q', m: 'command', a: ['add', { source: { kind: 'torrent', data: 'x' }, options: {} }], i: '2' },
      { t: 'q', m: 'command', a: ['changeSettings', { changes: { identities: 4000 } }], i: '3' },
      { t: 'q', m: 'constructor', a: [], i: '4' },
      { t: 'q', m: 'command', a: ['__proto__', null], i: '5' },
      { nonsense: true, i: '6' },
    ]);
    expect(answers).toHaveLength(6);
    for (const answer of answers) {
      const { r, e } = answer as { r?: { ok?: boolean; message?: string }; e?: unknown };
      expect(r?.ok === false || e !== undefined).toBe(true);
    }
    await expect(front.page.getByRole('heading', { name: 'Drop a .torrent here' })).toBeVisible();
  });

  it('leave its origin, open windows, or ask for permissions', async () => {
    const { page, app } = front;
    await page.evaluate((url) => {
      location.href = url;
      window.open(url);
    }, outsideUrl);
    await page.waitForTimeout(300);
    expect(page.url()).toBe('app://ensemble/index.html');
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
    const granted = await page.evaluate(() =>
      Promise.all([
        navigator.mediaDevices.getUserMedia({ audio: true }).then(
          () => 'granted',
          () => 'refused',
        ),
        Notification.requestPermission(),
      ]),
    );
    expect(granted).toEqual(['refused', 'denied']);
  });
});
