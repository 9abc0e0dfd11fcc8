import type { Disk, DiskFile } from '../ports/disk.ts';
import { systemError } from '../ports/system-error.ts';

/** The methods of the disk ports, which can be counted, slowed down and made to fail. */
export type DiskOperation = Exclude<keyof Disk, symbol | 'within'> | Exclude<keyof DiskFile, symbol>;

/** An error to be raised instead of doing the operation. */
export interface DiskFault {
  /** The operation that fails; any where undefined. */
  readonly operation?: DiskOperation;
  /** Paths that contain this, or match it; any where undefined. */
  readonly path?: string | RegExp;
  /** The system's name of the error, such as EIO. */
  readonly code: string;
  /** How often it fails; always where undefined. */
  readonly times?: number;
}

/** The faults that a disk is to have now. */
export class DiskFaults {
  readonly #faults = new Set<{ readonly fault: DiskFault; left: number }>();

  /** Until the result is called. */
  add(fault: DiskFault): () => void {
    const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#faults.add(entry);
    return () => this.#faults.delete(entry);
  }

  /** Throws where an operation is to fail. */
  meet(operation: DiskOperation, path: string): void {
    for (const entry of this.#faults) {
      if (entry.left <= 0 || !applies(entry.fault, operation, path)) continue;
      entry.left--;
      throw systemError(entry.fault.code);
    }
  }
}

function applies(fault: DiskFault, operation: DiskOperation, path: string): boolean {
  if (fault.operation !== undefined && fault.operation !== operation) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === 'string' ? path.includes(fault.path) : fault.path.test(path);
}
