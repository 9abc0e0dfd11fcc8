import type { DownloadState } from '../core/engine/engine.ts';

/** What the shell looks at of a download. */
interface Watched {
  readonly name: string;
  readonly state: DownloadState;
  readonly bytes: { readonly have: number; readonly wanted: number };
  readonly work?: number;
}

/** What the shell shows outside of the window. */
interface Activity {
  /** 0 to 1 over all that is going on; undefined: nothing is. */
  readonly progress: number | undefined;
  /** Names of downloads that are not there yet: they hold the machine awake, and quitting asks. */
  readonly running: readonly string[];
}

const FETCHING: ReadonlySet<DownloadState> = new Set(['metadata', 'downloading']);
const WORKING: ReadonlySet<DownloadState> = new Set(['checking', 'assembling']);

/** Sums up all downloads, each by its size. */
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
