import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DownloadState } from '../../engine/engine.ts';
import { awaitsResume, type DownloadEvent, firstStanding, isHalted, isPaused, next, type Standing } from './states.ts';

const error = { code: 'disk', message: 'The disk is gone.' } as const;
const STATES: readonly DownloadState[] = [
  'metadata',
  'checking',
  'downloading',
  'complete',
  'assembling',
  'seeding',
  'done',
  'paused',
  'queued',
  'failed',
  'missing-files',
  'moving',
];
const EVENTS: Record<string, DownloadEvent> = {
  described: 'described',
  incomplete: 'incomplete',
  'more-wanted': 'more-wanted',
  'all-there': 'all-there',
  assemble: 'assemble',
  stopped: 'stopped',
  'wrong-pieces': 'wrong-pieces',
  seed: 'seed',
  rest: 'rest',
  pause: 'pause',
  queue: 'queue',
  resume: { type: 'resume', to: 'downloading' },
  look: 'look',
  looked: 'looked',
  move: 'move',
  fail: { type: 'fail', error },
  'files-missing': { type: 'files-missing', error },
};

function standing(state: DownloadState): Standing {
  return state === 'failed' || state === 'missing-files' ? { state, error } : { state };
}

/** The table in docs/architecture.md: `-` stays, an empty cell cannot be. */
function documented(): [event: string, from: DownloadState, cell: string][] {
  const text = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');
  const rows = text.split('\n').flatMap((line) => {
    const [first = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return first.startsWith('`') && first.slice(1, -1) in EVENTS ? [{ event: first.slice(1, -1), cells }] : [];
  });
  return rows.flatMap(({ event, cells }) =>
    STATES.map((from, i): [string, DownloadState, string] => [event, from, cells[i] ?? '']),
  );
}

function outcome(now: Standing, event: DownloadEvent): string {
  try {
    const { state } = next(now, event);
    return state === now.state ? '-' : state;
  } catch {
    return '';
  }
}

const table = documented();

describe('the table of docs/architecture.md', () => {
  it('has every event', () => {
    expect(new Set(table.map(([event]) => event))).toEqual(new Set(Object.keys(EVENTS)));
  });

  it.each(table)('%s while %s: "%s"', (name, from, cell) => {
    const event = EVENTS[name]!;
    // Where a resumed download goes is not for this table to say.
    expect(outcome(standing(from), event)).toBe(cell === '(resumed)' ? 'downloading' : cell);
  });
});

describe('what belongs to a state', () => {
  it('a recheck of what is paused ends paused, whatever it found', () => {
    const checking = next({ state: 'paused' }, 'look');
    expect([checking.state, isPaused(checking)]).toEqual(['checking', true]);
    expect(next(checking, 'looked')).toEqual({ state: 'paused' });
    expect(next(next({ state: 'seeding' }, 'look'), 'looked')).toMatchObject({ state: 'checking' });
  });

  it('resumed during that recheck it goes on, with nothing to be told', () => {
    const resumed = next(next({ state: 'paused' }, 'look'), { type: 'resume', to: 'checking' });
    expect([resumed.state, isPaused(resumed), next(resumed, 'looked')]).toEqual(['checking', false, resumed]);
  });

  it('what waits for its turn is paused by the user alone', () => {
    const waiting = next({ state: 'downloading' }, 'queue');
    expect([waiting.state, isPaused(waiting), isHalted(waiting)]).toEqual(['queued', false, true]);
    expect(next(next(waiting, 'look'), 'looked')).toEqual({ state: 'queued' });
    expect(next(next(waiting, 'pause'), { type: 'resume', to: 'queued' })).toEqual({ state: 'queued' });
    expect(next(waiting, { type: 'resume', to: 'queued' })).toBe(waiting);
  });

  it('files missing of what is paused leave it so; a failure is one to be seen', () => {
    expect(isPaused(next({ state: 'paused' }, { type: 'files-missing', error }))).toBe(true);
    expect(isPaused(next({ state: 'downloading' }, { type: 'files-missing', error }))).toBe(false);
    expect(isPaused(next({ state: 'paused' }, { type: 'fail', error }))).toBe(false);
  });

  it.each([
    ['paused', true, 'paused'],
    ['paused', false, 'paused'],
    ['queued', true, 'queued'],
    ['queued', false, 'queued'],
    [undefined, true, 'checking'],
    [undefined, false, 'metadata'],
  ] as const)('begins halted %s, with metadata %s: %s', (halt, described, state) => {
    expect(firstStanding(halt, described).state).toBe(state);
  });
});

describe('after any events', () => {
  const events = fc.array(fc.constantFrom(...Object.values(EVENTS)));
  const run = (list: readonly DownloadEvent[]): Standing =>
    list.reduce(
      (now, event) => {
        try {
          return next(now, event);
        } catch {
          return now;
        }
      },
      firstStanding(undefined, false),
    );

  it('an error stands exactly where a download failed or waits for its files', () => {
    fc.assert(
      fc.property(events, (list) => {
        const now = run(list);
        expect('error' in now).toBe(now.state === 'failed' || now.state === 'missing-files');
      }),
    );
  });

  it('one pause and one resume always work', () => {
    fc.assert(
      fc.property(events, (list) => {
        const now = run(list);
        const resumed = next(now, { type: 'resume', to: 'checking' });
        expect([awaitsResume(resumed), isPaused(resumed)]).toEqual([false, false]);
        const quiet: readonly DownloadState[] = ['assembling', 'done', 'failed', 'missing-files'];
        expect(isPaused(next(now, 'pause')) || quiet.includes(now.state)).toBe(true);
      }),
    );
  });

  it('nothing but resume, a check, an assembly or a move that was asked for leaves a failure', () => {
    const leaving: readonly DownloadEvent[] = ['look', 'assemble', 'described', 'move'];
    const others = Object.values(EVENTS).filter(
      (event) => !leaving.includes(event) && !(typeof event === 'object' && event.type !== 'fail'),
    );
    for (const event of others) expect(['-', '']).toContain(outcome(standing('failed'), event));
  });
});
