import type { Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';

const SECOND = 1000 as Millis;

interface Beat {
  readonly tasks: Set<() => void>;
  readonly timer: Timer;
}

/** The timer of each process, by its ports. */
const beats = new WeakMap<object, Beat>();

/**
 * Runs `task` every second, on one timer for all tasks of these ports, so that the first time is within a second. With timers of
 * their own hundreds of idle swarms would wake the process hundreds of times.
 */
export function everySecond(ports: { readonly clock: Clock }, task: () => void): Timer {
  const beat = beats.get(ports) ?? begin(ports);
  // A function of its own, as the same task may be given several times.
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
    // A copy: a task that is added meanwhile starts at the next beat, and a cancelled one ends at once.
    const due = [...tasks];
    for (const each of due) if (tasks.has(each)) each();
  });
  const beat = { tasks, timer };
  beats.set(ports, beat);
  return beat;
}
