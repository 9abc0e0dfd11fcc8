import type { Failure } from '../../base/errors.ts';
import type { DownloadState } from '../../engine/engine.ts';

/** Where a download stands, with what belongs to that state alone. */
export type Standing =
  | { readonly state: Exclude<DownloadState, Passing | Stopped> }
  /** `before`: to what it goes back when that is over. */
  | { readonly state: Passing; readonly before?: Halt }
  | { readonly state: Stopped; readonly before?: Halt; readonly error: Failure };

/** It does nothing, as the user wants, or until it has its turn in the queue. */
type Halt = Extract<DownloadState, 'paused' | 'queued'>;

/** What is done to a download that is halted, too. */
type Passing = 'checking' | 'moving';

type Stopped = 'failed' | 'missing-files';

/** What is there when a download is resumed decides where it goes on. */
export type ResumeTo = Extract<DownloadState, 'metadata' | 'checking' | 'downloading' | 'complete' | 'queued'>;

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
    from: ['metadata', 'checking', 'downloading', 'complete', 'seeding', 'queued'],
    stays: ['assembling', 'done', 'paused', 'failed', 'missing-files'],
  },
  /** It has no place among the active ones any more. */
  queue: {
    to: 'queued',
    from: ['metadata', 'checking', 'downloading', 'complete', 'seeding'],
    stays: ['assembling', 'done', 'paused', 'queued', 'failed', 'missing-files'],
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
    from: ['checking', 'downloading', 'complete', 'assembling', 'seeding', 'paused', 'queued'],
    stays: ['done', 'failed'],
  },
} as const satisfies Record<string, Move>;

/** Where a download of which this is known begins. */
export function firstStanding(halt: Halt | undefined, described: boolean): Standing {
  return { state: halt ?? (described ? 'checking' : 'metadata') };
}

/** Why it does nothing, or does nothing again when what goes on now is over. */
function haltOf(now: Standing): Halt | undefined {
  if (now.state === 'paused' || now.state === 'queued') return now.state;
  return 'before' in now ? now.before : undefined;
}

/** The user does not want it to do anything: it is paused, or is so again when what goes on now is over. */
export function isPaused(now: Standing): boolean {
  return haltOf(now) === 'paused';
}

/** Nothing new is begun: it is paused, or waits for its turn. */
export function isHalted(now: Standing): boolean {
  return haltOf(now) !== undefined;
}

/** It does nothing until `resume`. */
export function awaitsResume({ state }: Standing): boolean {
  return state === 'paused' || state === 'queued' || state === 'failed' || state === 'missing-files';
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
    const before = event.type === 'files-missing' ? haltOf(now) : 'before' in now ? now.before : undefined;
    const state = event.type === 'fail' ? 'failed' : 'missing-files';
    return { state, ...(before && { before }), error: event.error };
  }
  if (event === 'look') return passing('checking', haltOf(now));
  if (event === 'move') return passing('moving', haltOf(now));
  if (now.state === 'moving' && event === 'pause') return passing('moving', 'paused');
  if (now.state === 'moving' && event === 'queue') return passing('moving', now.before ?? 'queued');
  if (event === 'looked') return now.state === 'checking' && now.before !== undefined ? { state: now.before } : now;
  const { to, from, stays }: Move = MOVES[event];
  if (stays.includes(now.state)) return now;
  if (!from.includes(now.state)) throw new Error(`"${event}" cannot happen to a download that is ${now.state}.`);
  return { state: to };
}

function passing(state: Passing, before?: Halt): Standing {
  return { state, ...(before && { before }) };
}

function resumed(now: Standing, to: ResumeTo): Standing {
  // One that waits goes on waiting.
  if (now.state === 'queued' && to === 'queued') return now;
  if (awaitsResume(now)) return { state: to };
  const passes = now.state === 'checking' || now.state === 'moving';
  return passes && now.before !== undefined ? passing(now.state) : now;
}
