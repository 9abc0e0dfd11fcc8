import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessFact, ProcessFacts } from '../ports/process-facts.ts';
import { diskError } from '../ports/system-error.ts';
import { spare } from './spare-descriptors.ts';

/** What is so for the whole life of this process: a lock that it holds is known by it. */
let own: ProcessFact | undefined;

/**
 * From `/proc` on Linux; elsewhere only whether a process number is in use. Rejects with EnsembleError('disk') where the
 * system cannot tell: a guess could make a living process a dead one.
 */
export class NodeProcessFacts implements ProcessFacts {
  async self(): Promise<ProcessFact> {
    const { pid } = process;
    const startTime = (await this.startTimeOf(pid)) ?? '';
    own ??= { pid, startTime, bootId: (read('/proc/sys/kernel/random/boot_id') ?? '').trim(), host: hostname() };
    return own;
  }

  startTimeOf(pid: number): Promise<string | undefined> {
    return new Promise((resolve) => resolve(startTimeOf(pid)));
  }
}

function startTimeOf(pid: number): string | undefined {
  const stat = process.platform === 'linux' ? read(`/proc/${pid}/stat`) : undefined;
  if (stat === undefined) return exists(pid) ? '' : undefined;
  // "pid (name) state ppid ...": the name may hold spaces and brackets. Start time is field 22, in ticks since the boot.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie holds no resources any more.
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Undefined where there is no such file, or nobody may read it. At once: these files lie in memory. */
function read(path: string): string | undefined {
  try {
    return spare.lend(() => readFileSync(path, 'utf8'));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR'].includes(code)) return undefined;
    throw diskError('read', path, error);
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
