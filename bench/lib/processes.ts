import { readFileSync, readdirSync } from 'node:fs';
import { machineTicks } from '../../core/lab/real/idle.ts';

/** Ticks a second in which the kernel counts CPU times; 100 on every Linux of today. */
const HERTZ = 100;

interface Stat {
  readonly state: string;
  readonly parent: number;
  /** CPU seconds of its own. */
  readonly cpu: number;
  /** CPU seconds of its children that have ended and were waited for. */
  readonly waited: number;
}

function statOf(pid: number | 'self'): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const seconds = (index: number): number => Number(fields[index] ?? 0) / HERTZ;
    return {
      state: fields[0] ?? '',
      parent: Number(fields[1]),
      cpu: seconds(11) + seconds(12),
      waited: seconds(13) + seconds(14),
    };
  } catch {
    return undefined;
  }
}

/** A process and all below it, parents first. */
export function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat === undefined) continue;
    const list = children.get(stat.parent);
    if (list === undefined) children.set(stat.parent, [Number(name)]);
    else list.push(Number(name));
  }
  const out = [pid];
  for (const each of out) out.push(...(children.get(each) ?? []));
  return out;
}

/** CPU seconds of living processes, with those of their ended children. */
export function cpuOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = statOf(pid);
    return sum + (stat === undefined ? 0 : stat.cpu + stat.waited);
  }, 0);
}

/**
 * CPU seconds of all descendants that have ended: children that were waited for, and orphans, which are handed to us as the
 * first process of a namespace and stay as zombies. Only the difference between two calls has a meaning.
 */
export function cpuOfEnded(): number {
  let sum = statOf('self')?.waited ?? 0;
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat?.state === 'Z') sum += stat.cpu + stat.waited;
  }
  return sum;
}

/** Memory of processes in MiB, pages that are shared counted in parts (PSS): all of it, and without mapped files. */
export function memoryOf(pids: readonly number[]): { readonly pss: number; readonly anon: number } {
  let pss = 0;
  let anon = 0;
  for (const pid of pids) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    } catch {
      continue;
    }
    const read = (key: string): number => Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
    pss += read('Pss');
    anon += read('Pss_Anon');
  }
  return { pss, anon };
}

/** Bytes that went over loopback so far. */
export function loopbackBytes(): number {
  return Number(/lo: *(\d+)/.exec(readFileSync('/proc/net/dev', 'latin1'))?.[1] ?? 0);
}

/** CPU seconds of the whole machine so far: shows whether other programs disturbed a measurement. */
export function busyCpu(): number {
  const [idle, all] = machineTicks();
  return (all - idle) / HERTZ;
}
