import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { ProcessFact, ProcessFacts } from '../ports/process-facts.ts';

/** From `/proc` on Linux; elsewhere only whether a process number is in use. */
export class NodeProcessFacts implements ProcessFacts {
  async self(): Promise<ProcessFact> {
    const { pid } = process;
    const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return { pid, startTime: (await this.startTimeOf(pid)) ?? '', bootId: bootId.trim(), host: hostname() };
  }

  async startTimeOf(pid: number): Promise<string | undefined> {
    if (process.platform !== 'linux') return exists(pid) ? '' : undefined;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined) return exists(pid) ? '' : undefined;
    // "pid (name) state ppid ...": the name may hold spaces and brackets. Start time is field 22, in ticks since the boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more.
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
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
