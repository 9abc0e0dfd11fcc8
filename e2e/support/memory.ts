import { readFileSync } from 'node:fs';
import { processesBelow } from './processes.ts';

/** Proportional set size, in MiB; 0 where the process has ended. */
function memoryOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Samples memory until it is stopped: the peak of a coordinator, and of the largest process that it has started, in MiB. */
export class MemoryWatch {
  coordinator = 0;
  readonly children = { identity: 0, worker: 0 };
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#timer = setInterval(() => {
      this.coordinator = Math.max(this.coordinator, memoryOf(pid));
      for (const child of processesBelow(pid)) {
        this.children[child.kind] = Math.max(this.children[child.kind], memoryOf(child.pid));
      }
    }, 500);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  toString(): string {
    const { identity, worker } = this.children;
    const round = (mebibytes: number): string => `${Math.round(mebibytes)} MiB`;
    return `coordinator ${round(this.coordinator)}, identity ${round(identity)}, worker ${round(worker)}`;
  }
}
