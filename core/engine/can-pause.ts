import type { DownloadSnapshot, DownloadState } from './engine.ts';

const RUNS: ReadonlySet<DownloadState> = new Set(['metadata', 'checking', 'downloading', 'seeding', 'queued']);

/** Whether pausing a download ends anything. */
export function canPause({ state, options }: Pick<DownloadSnapshot, 'state' | 'options'>): boolean {
  // One that waits for its assembly may upload meanwhile.
  return RUNS.has(state) || (state === 'complete' && options.seed.kind !== 'never');
}
