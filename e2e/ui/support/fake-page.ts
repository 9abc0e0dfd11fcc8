import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import react from '@vitejs/plugin-react';
import { build } from 'vite';
import { root } from './places.ts';

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
