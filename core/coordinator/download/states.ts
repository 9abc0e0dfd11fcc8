import type { Failure } from '../../base/errors.ts';
import type { DownloadState } from '../../engine/engine.ts';

/** Where a download stands, with what belongs to that state alone. */
export type Standing =
  | { readonly state: Exclude<DownloadState, Passing | Stopped> }
  | { readonly state: Passing; readonly pausedBefore: boolean }
  | { readonly state: Stopped; readonly pausedBefore: boolean; readonly error: Failure };

/** What is done to a download that is paused, too, and is so again afterwards. */
type Passing = 'checking' | 'moving';
type Stopped = 'failed' | 'missing-files';

/** What is there when a download is resumed decides where it goes on. */
export type ResumeTo = Extract<DownloadState, 'metadata' | 'checking' | 'downloading' | 'complete'>;

/** What can happen to a download. `docs/architecture.md` has the table of states and events. */
export type DownloadEvent =
  | SimpleEvent
  | 'look'
  | 'looked'
  | 'move'
  | { readonly type: 'resume'; readonly to: ResumeTo }
  | { readonly type: 'fail' | 'files-missing'; readonly error: Failure };

type SimpleEvent = keyof typeof MOVES;

interface Move {
  readonly to: Exclude<DownloadState, Stopped | 'moving'>;
  readonly from: readonly DownloadState[];
  /** Nothing changes in these; in all others it cannot happen. */
  readonly stays: readonly DownloadState[];
}

const MOVES = {
  /** The metadata of a magnet link has come. */
  described: { to: 'checking', from: ['metadata', 'failed'], stays: ['checking'] },
  pause: {
    to: 'paused',
    from: ['metadata', 'checking', 'downloading', 'complete', 'seeding'],
    stays: ['assembling', 'done', 'paused', 'failed', 'missing-files'],
  },
  /** The check found that wanted pieces are missing. */
  incomplete: { to: 'downloading', from: ['checking'], stays: [] },
  /** The user chose files that are not there. */
  'more-wanted': { to: 'downloading', from: ['complete'], stays: [] },
  'all-there': { to: 'complete', from: ['checking', 'downloading'], stays: ['complete'] },
  assemble: { to: 'assembling', from: ['checking', 'downloading', 'complete', 'failed'], stays: [] },
  /** The assembly was stopped on purpose. */
  stopped: { to: 'complete', from: ['assembling'], stays: ['failed'] },
  /** The assembly found wrong pieces. */
  'wrong-pieces': { to: 'downloading', from: ['assembling'], stays: ['failed'] },
  seed: { to: 'seeding', from: ['checking', 'downloading', 'complete', 'assembling', 'done'], stays: ['seeding'] },
  /** Assembled, and seeded for as long as the rule says. */
  rest: {
    to: 'done',
    from: ['checking', 'downloading', 'complete', 'assembling', 'seeding', 'paused'],
    stays: ['done', 'failed'],
  },
} as const satisfies Record<string, Move>;

/** Where a download of which this is known begins. */
export function firstStanding(paused: boolean, described: boolean): Standing {
  if (paused) return { state: 'paused' };
  return described ? { state: 'checking', pausedBefore: false } : { state: 'metadata' };
}

/** The user does not want it to do anything: it is paused, or is so again when what goes on now is over. */
export function isPaused(now: Standing): boolean {
  return now.state === 'paused' || ('pausedBefore' in now && now.pausedBefore);
}

/** It does nothing until `resume`. */
export function awaitsResume({ state }: Standing): boolean {
  return state === 'paused' || state === 'failed' || state === 'missing-files';
}

/** Every wanted piece is there. */
export function isOver(state: DownloadState): boolean {
  return state === 'complete' || state === 'assembling' || state === 'seeding' || state === 'done';
}

/** Where it stands after an event: the same object where nothing changes. Throws for what cannot happen there. */
export function next(now: Standing, event: DownloadEvent): Standing {
  if (typeof event === 'object') {
    if (event.type === 'resume') return resumed(now, event.to);
    // What fails while it is paused is not taken for paused: somebody has to look at it.
    const pausedBefore = event.type === 'files-missing' ? isPaused(now) : 'pausedBefore' in now && now.pausedBefore;
    const state = event.type === 'fail' ? 'failed' : 'missing-files';
    return { state, pausedBefore, error: event.error };
  }
  if (event === 'look') return { state: 'checking', pausedBefore: isPaused(now) };
  if (event === 'move') return { state: 'moving', pausedBefore: isPaused(now) };
  if (event === 'pause' && now.state === 'moving') return { ...now, pausedBefore: true };
  if (event === 'looked') return now.state === 'checking' && now.pausedBefore ? { state: 'paused' } : now;
  const { to, from, stays }: Move = MOVES[event];
  if (stays.includes(now.state)) return now;
  if (!from.includes(now.state)) throw new Error(`"${event}" cannot happen to a download that is ${now.state}.`);
  return to === 'checking' ? { state: to, pausedBefore: false } : { state: to };
}

function resumed(now: Standing, to: ResumeTo): Standing {
  if (awaitsResume(now)) return to === 'checking' ? { state: to, pausedBefore: false } : { state: to };
  return isPassing(now) && now.pausedBefore ? { ...now, pausedBefore: false } : now;
}

function isPassing(now: Standing): now is Extract<Standing, { state: Passing }> {
  return now.state === 'checking' || now.state === 'moving';
}
