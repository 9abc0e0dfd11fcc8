import { messageOf } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { NodeClock } from '../node/clock.ts';
import { isExhausted } from '../node/spare-descriptors.ts';
import type { ParentPort } from '../ports/process-host.ts';

/** The same fault is told so often at most, in ms. */
const AGAIN = 60_000;
/** Different ones that are remembered. */
const MOST = 100;
/** So long after a last word a process ends, in ms. */
const LAST_WORDS = millis(200);

type Listener = (text: string, stack: string) => void;

const clock = new NodeClock();
const listeners = new Set<Listener>();
const told = new Map<string, number>();

/**
 * What goes wrong where nobody expected it is told to whoever listens, and the program goes on: of what it does nothing
 * depends on a single callback, and ending it would end every download. Where nobody listens there is one thing alone that
 * it does, and `end` ends that.
 */
export function surviveFaults(end: Listener): void {
  const hear = (fault: unknown): void => {
    const text = `Something went wrong in the program, which goes on: ${describeFault(fault)}`;
    if (listeners.size === 0) return end(describeFault(fault), stackOf(fault));
    const now = clock.now();
    if (now - (told.get(text) ?? Number.NEGATIVE_INFINITY) < AGAIN) return;
    if (told.size >= MOST) told.clear();
    told.set(text, now);
    for (const listener of listeners) listener(text, stackOf(fault));
  };
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
}

/** Returns how to stop listening. */
export function onFault(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * An identity or worker process with a fault that nobody expected tells it and ends, so that a sound one takes its place:
 * what it holds of peers and pieces may not fit together any more, and all that is lost is what was in flight. A system
 * that can open nothing more is no such fault: another process would meet the same.
 */
export function endOnFault(parent: Pick<ParentPort, 'post'>, message: (text: string) => unknown): void {
  let ending = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  const hear = (fault: unknown): void => {
    // Where windows are there is a log for it; a terminal is the user's.
    if ('parentPort' in process) process.stderr.write(`${stackOf(fault)}\n`);
    if (ending) return;
    const now = clock.now();
    const survives = isExhausted(fault);
    if (survives && now - toldAt < AGAIN) return;
    toldAt = now;
    parent.post(message(describeFault(fault)));
    if (survives) return;
    ending = true;
    clock.after(LAST_WORDS, () => process.exit(1));
  };
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
}

/** One line: what and, for a report, where in the program. */
export function describeFault(fault: unknown): string {
  const [, where] = /\n\s+at (.+)/.exec(stackOf(fault)) ?? [];
  // The folder is the user's, and no news.
  const place = where?.replace(/(?:file:\/\/)?[^\s(]*[/\\]/g, '');
  return place === undefined ? messageOf(fault) : `${messageOf(fault)} (at ${place.slice(0, 200)})`;
}

function stackOf(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
