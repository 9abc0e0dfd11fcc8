import { readFileSync } from 'node:fs';

/** Ticks that the machine's cores were idle so far, and all. */
export function machineTicks(): readonly [idle: number, all: number] {
  const row = readFileSync('/proc/stat', 'latin1').split('\n')[0] ?? '';
  const fields = row.trim().split(/ +/).slice(1, 9).map(Number);
  return [(fields[3] ?? 0) + (fields[4] ?? 0), fields.reduce((sum, value) => sum + value, 0)];
}

/** Begins to measure which share of the machine was idle, and gives what tells it: near 0 the machine decides, not the links. */
export function idleShare(): () => number {
  const [idle, all] = machineTicks();
  return () => {
    const [idleNow, allNow] = machineTicks();
    return allNow === all ? 1 : Math.round((100 * (idleNow - idle)) / (allNow - all)) / 100;
  };
}
