import { messageOf } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { NodeClock } from '../node/clock.ts';
import { isExhausted } from '../node/spare-descriptors.ts';
import type { ParentPort } from '../ports/process-host.ts';

/** Least time between two reports of the same fault, in ms. */
const AGAIN = 60_000;
/** Most different faults that are remembered. */
const MOST = 100;
/** How long after its last message a process ends, in ms. */
const LAST_WORDS = millis(200);

type Listener = (text: string, stack: string) => void;

const clock = new NodeClock();
const listeners = new Set<Listener>();
const told = new Map<string, number>();

/**
 * Reports unexpected faults to whoever listens, and the program goes on: nothing that it does depends on a single callback, and
 * ending it would end every download. If nobody listens the program does only one thing, and `end` ends that.
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

/** Returns a function that stops listening. */
export function onFault(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * An identity or worker process reports an unexpected fault and ends, so that a sound one takes its place: its state of peers and
 * pieces may be inconsistent, and only what was in flight is lost. A system that cannot open any more files is no such fault, as
 * another process would meet the same.
 */
export function endOnFault(parent: Pick<ParentPort, 'post'>, message: (text: string) => unknown): void {
  let ending = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  const hear = (fault: unknown): void => {
    // The desktop application has a log for this; a terminal belongs to the user.
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

/** One line: what went wrong and, for a bug report, where in the program. */
export function describeFault(fault: unknown): string {
  const [, where] = /\n\s+at (.+)/.exec(stackOf(fault)) ?? [];
  // Without the folder, which is the user's affair.
  const place = where?.replace(/(?:file:\/\/)?[^\s(]*[/\\]/g, '');
  return place === undefined ? messageOf(fault) : `${messageOf(fault)} (at ${place.slice(0, 200)})`;
}

function stackOf(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
