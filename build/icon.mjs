// `node build/icon.mjs`: paints build/icon.png from build/icon.svg with Chromium. Run it after a change of the drawing.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const SIZE = 512;
const beside = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
try {
  const page = await browser.newPage({ viewport: { width: SIZE, height: SIZE } });
  const svg = readFileSync(beside('icon.svg')).toString('base64');
  await page.setContent(
    `<body style="margin:0"><img width="${SIZE}" height="${SIZE}" src="data:image/svg+xml;base64,${svg}"></body>`,
  );
  await page.screenshot({ path: beside('icon.png'), omitBackground: true });
} finally {
  await browser.close();
}
