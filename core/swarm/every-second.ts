import type { Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

const SECOND = 1000 as Millis;

interface Beat {
  readonly tasks: Set<() => void>;
  readonly timer: Timer;
}

/** The beat of each process, by its ports. */
const beats = new WeakMap<object, Beat>();

/**
 * Runs `task` every second on one timer with all others of these ports, so the first time after a second at most: with
 * timers of their own hundreds of idle swarms would wake the process hundreds of times.
 */
export function everySecond(ports: { readonly clock: Clock }, task: () => void): Timer {
  const beat = beats.get(ports) ?? begin(ports);
  // Of its own, so that one task may run for several.
  const own = (): void => task();
  beat.tasks.add(own);
  return {
    cancel: () => {
      if (!beat.tasks.delete(own) || beat.tasks.size > 0) return;
      beat.timer.cancel();
      beats.delete(ports);
    },
  };
}

function begin(ports: { readonly clock: Clock }): Beat {
  const tasks = new Set<() => void>();
  const timer = ports.clock.every(SECOND, () => {
    // Of a copy: what a task adds begins with the next beat; what it cancels is over at once.
    const due = [...tasks];
    for (const each of due) if (tasks.has(each)) each();
  });
  const beat = { tasks, timer };
  beats.set(ports, beat);
  return beat;
}
