import type { Page } from '@playwright/test';

export interface Frames {
  /** From one frame to the next, in ms. */
  readonly gaps: readonly number[];
  /** Of tasks of over 50 ms, in ms. */
  readonly long: readonly number[];
}

/** In the page: collects them until `read` ends it. */
function collect(): void {
  const page = globalThis as unknown as { readFrames?: () => Frames };
  const frames = { gaps: [] as number[], long: [] as number[] };
  let over = false;
  let last = performance.now();
  const frame = (now: number): void => {
    if (over) return;
    frames.gaps.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const tasks = new PerformanceObserver((list) =>
    frames.long.push(...list.getEntries().map((entry) => entry.duration)),
  );
  tasks.observe({ type: 'longtask' });
  page.readFrames = () => {
    over = true;
    tasks.disconnect();
    return frames;
  };
}

/** The frames of a page from now on; to be read once. */
export async function watchFrames(page: Page): Promise<() => Promise<Frames>> {
  await page.evaluate(collect);
  return () => page.evaluate(() => (globalThis as unknown as { readFrames: () => Frames }).readFrames());
}

/** So many of a hundred gaps (a share of 1) are at most so long. */
export function gapAt({ gaps }: Frames, share: number): number {
  const sorted = [...gaps].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
