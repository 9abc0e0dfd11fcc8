import type { Browser, Page } from '@playwright/test';
import { buildFakePage, serveFakePage } from '../../e2e/ui/support/fake-page.ts';
import { temporary } from '../../e2e/ui/support/places.ts';
import { launchChromium } from '../../e2e/ui/support/served.ts';
import { gapAt, watchFrames } from './frames.ts';

// What 5,000 downloads in the table cost the window: `npm run bench:ui -- --many`. Its page runs in Chromium, with a made-up program in
// a worker, of which 250 downloads move. A number: so many downloads. `--slowest`: what the slowest task of each step consists of.

const COUNT = 5000;
const SIZE = { width: 1440, height: 900 };

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string; readonly data?: { readonly functionName?: string } };
}

/** The page's main thread's tasks by their processor time, which other work on the machine does not lengthen; in milliseconds. */
function tasksOf(trace: Buffer, slowest: boolean): number {
  const { traceEvents: events } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const renderers = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const isPage = ({ pid, tid }: TraceEvent): boolean => renderers.some((one) => one.pid === pid && one.tid === tid);
  const mine = events.filter((event) => event.ph === 'X' && isPage(event));
  const [longest] = mine.filter(({ name }) => name === 'RunTask').sort((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0));
  if (slowest && longest !== undefined) {
    const within = mine.filter(
      ({ ts, tid, tdur = 0 }) =>
        tid === longest.tid && ts >= longest.ts && ts < longest.ts + (longest.dur ?? 0) && tdur > 2000,
    );
    for (const { name, tdur = 0, args } of within)
      console.log(`    ${(tdur / 1000).toFixed(1)} ms ${name} ${args?.data?.functionName ?? ''}`);
  }
  return (longest?.tdur ?? 0) / 1000;
}

async function step(browser: Browser, page: Page, name: string, act: () => Promise<void>): Promise<void> {
  const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];
  await browser.startTracing(page, { categories });
  const read = await watchFrames(page);
  await act();
  // What was asked for last has been drawn.
  await page.waitForTimeout(500);
  const watched = await read();
  const task = tasksOf(await browser.stopTracing(), process.argv.includes('--slowest'));
  const at = (share: number): string => gapAt(watched, share).toFixed(1);
  const frames = `${watched.gaps.length} frames: median ${at(0.5)} ms, 99% ${at(0.99)} ms, longest ${at(1)} ms`;
  console.log(`${name.padEnd(24)} ${frames}; longest task ${task.toFixed(1)} ms of processor time`);
}

async function measure(count: number): Promise<void> {
  const place = await temporary();
  await buildFakePage(place.folder);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: SIZE });
    const address = await serveFakePage(page, place.folder);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const from = Date.now();
    await page.goto(`${address}?many=${count}`);
    await page.getByRole('row').first().waitFor();
    const shown = Date.now() - from;
    await page.getByRole('button', { name: 'Show as a table' }).click();
    await page.getByRole('columnheader').first().waitFor();
    const answers = Date.now() - from;
    const { metrics } = await session.send('Performance.getMetrics');
    const busy = 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
    console.log(
      `${count} downloads: rows after ${shown} ms, the table after ${answers} ms, ${busy.toFixed(0)} ms of it processor time of the page`,
    );
    // The columns' heads also sort by what changes all the time.
    await page.waitForTimeout(1000);

    const head = (name: string) => page.getByRole('columnheader', { name, exact: true }).getByRole('button');
    await step(browser, page, 'nothing asked', () => page.waitForTimeout(3000));
    for (const name of ['Name', 'Down', 'Tracker', 'State'])
      await step(browser, page, `sort by ${name.toLowerCase()}`, async () => {
        await head(name).click();
        await page.waitForTimeout(500);
        await head(name).click();
      });
    await step(browser, page, 'search', async () => {
      await page.getByRole('searchbox').pressSequentially('ocean 12', { delay: 60 });
      await page.getByRole('searchbox').press('Escape');
    });
    await page.getByRole('row').nth(3).hover();
    await step(browser, page, 'scroll', async () => {
      for (let i = 0; i < 60; i++) await page.mouse.wheel(0, i % 10 === 9 ? 20_000 : 400);
    });
    await step(browser, page, 'all the way', async () => {
      for (let i = 0; i < 4; i++) await page.mouse.wheel(0, i % 2 === 0 ? 1e6 : -1e6);
    });
    await page.getByRole('row').nth(3).click();
    await step(browser, page, 'keys', async () => {
      for (let i = 0; i < 30; i++) await page.keyboard.press(i % 10 === 9 ? 'PageDown' : 'ArrowDown');
    });
    await step(browser, page, 'select all', async () => {
      await page.keyboard.press('Control+a');
      await page.waitForTimeout(1000);
    });
    await step(browser, page, 'menu of all', async () => {
      await page.getByRole('row').nth(3).click({ button: 'right' });
      await page.keyboard.press('Escape');
    });
    await step(browser, page, 'filter', async () => {
      await page.getByText(/^Paused \d/).click();
      await page.getByText(/^All \d/).click();
    });
  } finally {
    await browser.close();
    await place.remove();
  }
}

const [count] = process.argv.filter((argument) => /^\d+$/.test(argument));
await measure(count === undefined ? COUNT : Number(count));
