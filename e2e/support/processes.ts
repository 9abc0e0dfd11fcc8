import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that the command line started. */
export interface OwnProcess {
  readonly pid: number;
  readonly kind: 'identity' | 'worker';
}

/** The identity and worker processes below a running `ensemble get`, in the order of their start. */
export function processesBelow(pid: number): OwnProcess[] {
  return read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '')
    .map(Number)
    .flatMap((child): OwnProcess[] => {
      const [script] = read(`/proc/${child}/cmdline`).match(/(identity|worker)\.js/) ?? [];
      return script === undefined ? [] : [{ pid: child, kind: script === 'worker.js' ? 'worker' : 'identity' }];
    });
}

/** Whether the process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  const state = read(`/proc/${pid}/stat`).replace(/^.*\) /s, '')[0];
  return state !== undefined && state !== 'Z';
}

/** Resolves once none of these runs; to those that still do after `seconds` on a quiet machine. */
export async function untilEnded(pids: readonly number[], seconds: number): Promise<readonly number[]> {
  for (let tries = 0; tries < 60 * seconds && pids.some(isRunning); tries++) await sleep(50);
  return pids.filter(isRunning);
}

/** Sends SIGKILL; does nothing if the process has ended meanwhile. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended
  }
}
