/**
 * What a process is for: an `identity` (sockets, hashing, its own writes) or a
 * `worker` (recheck, assembly: reads payload).
 */
export type ProcessKind = 'identity' | 'worker';

/** Why a process ended. `code` null: it was killed by `signal`. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process that was started; messages are structured-cloned in order, both ways. */
export interface ChildProcessHandle {
  readonly pid: number | undefined;
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called exactly once. */
  onExit(listener: (exit: ProcessExit) => void): void;
  /** Ends it at once (SIGKILL). */
  kill(): void;
}

/** Starts processes: `child_process.fork` under Node, `utilityProcess` under Electron. */
export interface ProcessHost {
  /** `label` is for process listings and logs, such as `identity 3`. */
  spawn(kind: ProcessKind, label: string): ChildProcessHandle;
}

/** The other end, as the started process sees it. */
export interface ParentPort {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The parent has gone: end. */
  onClose(listener: () => void): void;
}
