import type { DownloadState } from '../core/engine/engine.ts';

/** What the shell has to know of a download. */
interface Watched {
  readonly name: string;
  readonly state: DownloadState;
  readonly bytes: { readonly have: number; readonly wanted: number };
  readonly work?: number;
}

/** What the shell shows outside of the window. */
interface Activity {
  /** Progress of all active downloads together, 0 to 1; undefined where none is active. */
  readonly progress: number | undefined;
  /** Names of downloads that are not complete: they keep the machine awake, and quitting asks because of them. */
  readonly running: readonly string[];
}

const FETCHING: ReadonlySet<DownloadState> = new Set(['metadata', 'downloading']);
const WORKING: ReadonlySet<DownloadState> = new Set(['checking', 'assembling', 'moving']);

/** Sums up all downloads, weighted by their sizes. */
export function activityOf(downloads: readonly Watched[]): Activity {
  let have = 0;
  let wanted = 0;
  const running: string[] = [];
  for (const { name, state, bytes, work } of downloads) {
    if (!FETCHING.has(state) && !WORKING.has(state)) continue;
    running.push(name);
    wanted += bytes.wanted;
    have += FETCHING.has(state) ? bytes.have : (work ?? 0) * bytes.wanted;
  }
  return { progress: running.length === 0 ? undefined : wanted === 0 ? 0 : have / wanted, running };
}
