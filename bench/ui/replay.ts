import type { CDPSession, Page } from '@playwright/test';
import { buildFakePage, serveFakePage } from '../../e2e/ui/support/fake-page.ts';
import { temporary } from '../../e2e/ui/support/places.ts';
import { launchChromium } from '../../e2e/ui/support/served.ts';

// What updates cost the window itself: `npm run bench:ui -- --replay`. Its page runs in Chromium with a fake engine, whose
// clock the benchmark moves: each update comes as soon as the one before is drawn, so that an hour of them takes minutes.

const PIECES = 100_000;
const IDENTITIES = 32;
/** Milliseconds between updates, as the bridge sends them. */
const PERIOD = 200;
/** An hour of them. */
const UPDATES = 18_000;
/** Updates in each tab of which the duration is measured. */
const TIMED = 150;
const TABS = ['Identities', 'Peers', 'Files', 'Sources', 'Graph', 'Log'];

interface Fake {
  pass(milliseconds: number): void;
}

/** Lets updates pass, each followed by a frame; resolves with the milliseconds of script that each took, drawing included. */
async function pass(page: Page, updates: number): Promise<number[]> {
  return page.evaluate(
    async ([updates, period]) => {
      const { ensembleFake } = globalThis as unknown as { ensembleFake: Fake };
      const turn = (): Promise<void> =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => {
            port1.close();
            resolve();
          };
          port2.postMessage(null);
        });
      const taken: number[] = [];
      for (let n = 0; n < updates; n++) {
        const from = performance.now();
        ensembleFake.pass(period);
        // Twice: first the message arrives in the page, then React does what it asked for.
        await turn();
        await turn();
        const told = performance.now() - from;
        // Code that draws has asked for this frame before us, and so runs first in it.
        const drawn = await new Promise<number>((resolve) => {
          requestAnimationFrame((start) => resolve(Math.max(0, performance.now() - Math.max(start, from + told))));
        });
        taken.push(told + drawn);
      }
      return taken;
    },
    [updates, PERIOD] as const,
  );
}

/** Processor time of the page's main thread in milliseconds: other work of the machine does not count. */
async function busy(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
}

async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1024 / 1024;
}

async function open(page: Page, address: string, query: string): Promise<void> {
  await page.goto(`${address}?desktop&clock=manual&pieces=${PIECES}&identities=${IDENTITIES}&${query}`);
  await page.getByRole('button', { name: 'Add torrent' }).waitFor();
  await pass(page, 20);
}

/** The share of each function in the time that is not spent waiting. */
async function profiled(session: CDPSession, work: () => Promise<unknown>): Promise<string[]> {
  await session.send('Profiler.enable');
  await session.send('Profiler.start');
  await work();
  const { profile } = await session.send('Profiler.stop');
  const self = new Map<string, number>();
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  profile.samples?.forEach((id, i) => {
    const name = names.get(id) ?? '';
    self.set(name, (self.get(name) ?? 0) + (profile.timeDeltas?.[i] ?? 0));
  });
  for (const waiting of ['(idle)', '(root)']) self.delete(waiting);
  const all = [...self.values()].reduce((sum, part) => sum + part, 0);
  return [...self]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 12)
    .map(([name, part]) => `${((100 * part) / all).toFixed(1)}% ${name}`);
}

/** `updates`: an hour's worth unless fewer are wanted; `profile`: also where the time goes. */
async function replay(updates = UPDATES, profile = false): Promise<void> {
  const place = await temporary();
  await buildFakePage(place.folder);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const address = await serveFakePage(page, place.folder);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await open(page, address, 'done=0.1&speed=8');
    for (const tab of TABS) {
      await page.getByRole('tab', { name: tab }).click();
      await pass(page, 10);
      const before = await busy(session);
      const taken = (await pass(page, TIMED)).sort((a, b) => a - b);
      const at = (share: number): string => (taken[Math.floor(share * (taken.length - 1))] ?? 0).toFixed(1);
      const each = ((await busy(session)) - before) / TIMED;
      console.log(
        `${tab}: an update takes ${each.toFixed(1)} ms of processor time; by the clock ${at(0.5)} ms, 95% ${at(0.95)} ms, longest ${at(1)} ms`,
      );
      if (profile) for (const line of await profiled(session, () => pass(page, TIMED))) console.log(`    ${line}`);
    }
    await open(page, address, 'done=0&speed=0.5');
    const before = await heap(session);
    for (let n = 0; n < updates; n += 1000) {
      await page.getByRole('tab', { name: TABS[(n / 1000) % TABS.length] ?? '' }).click();
      await pass(page, Math.min(1000, updates - n));
    }
    await page.getByRole('tab', { name: 'Identities' }).click();
    await pass(page, 20);
    console.log(
      `heap of the window: ${before.toFixed(1)} MiB, after ${updates} updates ${(await heap(session)).toFixed(1)} MiB`,
    );
  } finally {
    await browser.close();
    await place.remove();
  }
}

const [updates] = process.argv.filter((argument) => /^\d+$/.test(argument));
await replay(updates === undefined ? UPDATES : Number(updates), process.argv.includes('--profile'));
