import path from 'node:path';
import type { Page } from '@playwright/test';
import { median } from '../../core/lab/statistics/intervals.ts';
import { type DesktopFront, development } from '../../e2e/ui/support/electron.ts';
import { add, drop, piecesThere } from '../../e2e/ui/support/hands.ts';
import { setup, teardown } from '../../e2e/ui/support/display.ts';
import { temporary } from '../../e2e/ui/support/places.ts';
import { startLargeSwarm } from '../../e2e/ui/support/seeding.ts';
import { cpuOf } from '../lib/processes.ts';
import { gapAt, watchFrames } from './frames.ts';

// What the window costs: `npm run bench:ui`. Start to first paint and until it answers; frames, main process and
// renderer while 32 identities download 100,000 pieces at full speed.

const STARTS = 5;
const PIECES = 100_000;
/** Seconds of the download that are measured, after those in which it gets going. */
const SECONDS = 30;

const say = (name: string, value: string): void => console.log(`${name.padEnd(48)} ${value}`);

async function measureStart(state: string, root: string): Promise<{ paint: number; interactive: number }> {
  const before = Date.now();
  const front = await development.start({ state, root });
  await front.page.getByRole('button', { name: 'Add torrent' }).waitFor();
  const interactive = Date.now() - before;
  const paint = await front.page.evaluate(() => {
    const [first] = performance.getEntriesByName('first-contentful-paint');
    return performance.timeOrigin + (first?.startTime ?? 0);
  });
  await front.quit();
  return { paint: paint - before, interactive };
}

async function heap(page: Page, front: DesktopFront): Promise<number> {
  const session = await front.app.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize / 1024 / 1024;
}

async function measureDownload(folder: string): Promise<void> {
  const name = 'large.bin';
  const swarm = await startLargeSwarm({
    folder,
    name,
    pieces: PIECES,
    pieceLength: 16 * 1024,
    seeds: 1,
    uploadRate: 0,
  });
  const front = await development.start({ state: path.join(folder, 'state'), root: folder });
  const { page, app } = front;
  try {
    await drop(page, [{ name: `${name}.torrent`, data: swarm.torrent }]);
    await add(page, name, { folder: path.join(folder, 'out'), identities: 32 });
    while ((await piecesThere(page)) < 500) await page.waitForTimeout(200);
    const processes = await app.evaluate((electron) =>
      electron.app.getAppMetrics().map(({ pid, type }) => ({ pid, type: String(type) })),
    );
    const main = processes.find(({ type }) => type === 'Browser')?.pid ?? 0;
    const tab = processes.find(({ type }) => type === 'Tab')?.pid ?? 0;
    const heapBefore = await heap(page, front);
    const piecesBefore = await piecesThere(page);
    const [mainBefore, tabBefore, from] = [cpuOf([main]), cpuOf([tab]), Date.now()];
    const read = await watchFrames(page);
    await page.waitForTimeout(SECONDS * 1000);
    const seconds = (Date.now() - from) / 1000;
    const [mainCpu, tabCpu] = [cpuOf([main]) - mainBefore, cpuOf([tab]) - tabBefore];
    const frames = await read();
    const { long } = frames;
    const at = (share: number): string => `${gapAt(frames, share).toFixed(1)} ms`;
    say('pieces a second', (((await piecesThere(page)) - piecesBefore) / seconds).toFixed(0));
    say('frame times: median, 95%, 99%, longest', [0.5, 0.95, 0.99, 1].map(at).join(', '));
    say('tasks of over 50 ms in the window', `${long.length} (longest ${Math.max(0, ...long).toFixed(0)} ms)`);
    say('main process', `${((mainCpu / seconds) * 100).toFixed(1)}% of a core (coordinator and publishing)`);
    say('window process', `${((tabCpu / seconds) * 100).toFixed(1)}% of a core`);
    say(
      'heap of the window, before and after',
      `${heapBefore.toFixed(1)}, ${(await heap(page, front)).toFixed(1)} MiB`,
    );
  } finally {
    await front.quit();
    await swarm.close();
  }
}

await setup();
const place = await temporary();
try {
  if (development.missing !== undefined) throw new Error(development.missing);
  const starts: { paint: number; interactive: number }[] = [];
  for (let i = 0; i < STARTS; i++) starts.push(await measureStart(path.join(place.folder, 'state'), place.folder));
  say('start to first paint, median', `${median(starts.map(({ paint }) => paint)).toFixed(0)} ms`);
  say('start until it answers, median', `${median(starts.map(({ interactive }) => interactive)).toFixed(0)} ms`);
  await measureDownload(place.folder);
} finally {
  await place.remove();
  await teardown();
}
