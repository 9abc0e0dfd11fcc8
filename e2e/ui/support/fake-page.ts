import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from '@playwright/test';
import react from '@vitejs/plugin-react';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { expect } from './expect.ts';
import { PATIENCE } from './front.ts';
import { accessible, picture } from './pictures.ts';
import { root, temporary } from './places.ts';
import { launchChromium } from './served.ts';

const ORIGIN = 'http://ensemble.test';
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Builds the window in front of a made-up program (`renderer/fake.tsx`) into a folder. */
export async function buildFakePage(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: path.join(root, 'renderer'),
    base: './',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'chrome130',
      // Profiles need the names of functions.
      minify: false,
      modulePreload: { polyfill: false },
      rollupOptions: { input: path.join(root, 'renderer/fake.html') },
    },
  });
}

/** Gives a page the files of that folder; returns the window's address. */
export async function serveFakePage(page: Page, folder: string): Promise<string> {
  await page.route(`${ORIGIN}/**`, async (route) => {
    const file = path.join(folder, path.normalize(new URL(route.request().url()).pathname));
    const contentType = TYPES[path.extname(file)] ?? 'application/octet-stream';
    await route.fulfill({ body: await readFile(file), contentType });
  });
  return `${ORIGIN}/fake.html`;
}

export interface FakeWindow {
  readonly page: Page;
  /** Loads the window in front of a made-up program: `?many=80`, one with 80 downloads. */
  open(query: string): Promise<void>;
}

/** In a suite: a fresh window before each test, in front of a made-up program with `count` downloads; without `count` a test opens it. */
export function fakeWindow(count?: number): FakeWindow {
  let place: Awaited<ReturnType<typeof temporary>>;
  let browser: Browser;
  let page: Page;
  const open = async (query: string): Promise<void> => {
    await page.goto(`${await serveFakePage(page, place.folder)}${query}`);
    await page.getByRole('grid', { name: 'Downloads' }).getByRole('row').first().waitFor();
  };
  beforeAll(async () => {
    place = await temporary();
    await buildFakePage(place.folder);
    browser = await launchChromium();
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
    page.setDefaultTimeout(PATIENCE);
    if (count !== undefined) await open(`?many=${count}`);
  });
  afterEach(() => page.close());
  afterAll(async () => {
    await browser.close();
    await place.remove();
  });
  return {
    get page() {
      return page;
    },
    open,
  };
}

/** As `shown`, on a phone: nothing is wider than its screen. `apart`: selectors of what is scrolled or cut off on purpose. */
export async function shownOnPhone(page: Page, name: string, apart: readonly string[] = []): Promise<void> {
  await page.setViewportSize({ width: 390, height: 800 });
  await shown(page, `phone-${name}`);
  const tooWide = await page.evaluate(
    (passedOver) =>
      [...document.querySelectorAll('[role=dialog] *, header *, aside *, [role=menu] *')]
        .filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > innerWidth + 0.5)
        .filter((part) => !part.closest(passedOver))
        .map((part) => part.outerHTML.slice(0, 120)),
    // A row of tabs is scrolled.
    ['.visually-hidden', '[hidden]', '[role=tablist]', ...apart].join(),
  );
  expect(tooWide, name).toEqual([]);
}

/** Looks at a view in dark and light colours: axe finds nothing serious, and a picture of each is kept. */
export async function shown(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `${name}, ${colorScheme}`);
    await picture(page, `${name}${colorScheme === 'dark' ? '-dark' : ''}`);
  }
}
