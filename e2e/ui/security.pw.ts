import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { type DesktopFront, development } from './support/electron.ts';
import { temporary } from './support/places.ts';

/** Runs in a page: what its program answers to messages that a page of ours would never send. */
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
        const late = setTimeout(() => resolve(heard), 2000);
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

describe.skipIf(development.missing !== undefined)('what a page may not do', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let front: DesktopFront;
  const log = (): Promise<string> => readFile(path.join(place.folder, 'state/logs/ensemble.log'), 'utf8');
  const outside = createServer((_request, response) => response.end('outside'));
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

  it('speak to the program from a frame or a page that is not ours', async () => {
    const { app } = front;
    await app.evaluate(async ({ BrowserWindow, app: application }, url) => {
      const preload = `${application.getAppPath()}/dist/electron/preload.cjs`;
      const foreign = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
      await foreign.loadURL('app://ensemble/index.html');
      void url;
    }, outsideUrl);
    // Our own page, but in a window that is not the application's: refused, and logged.
    await expect.poll(log).toContain('ensemble:connect from app://ensemble/index.html was refused.');
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()
        .find((window) => !window.isVisible())
        ?.destroy(),
    );
  });

  it('change anything by a message that is not of its form', async () => {
    const answers = await front.page.evaluate(talk, [
      { t: 'q', m: 'command', a: ['pause', { infoHash: 'not one' }], i: '1' },
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
