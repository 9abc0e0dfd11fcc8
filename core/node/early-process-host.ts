import type { ChildProcessHandle, ProcessHost, ProcessKind } from '../ports/process-host.ts';

/**
 * A process host that can start processes before they are asked for. Whoever asks for one of the same kind and label gets it,
 * already running. Each is handed out once; anything else that is asked for is started as usual.
 */
export class EarlyProcessHost implements ProcessHost {
  readonly #host: ProcessHost;
  readonly #early = new Map<string, ChildProcessHandle>();

  constructor(host: ProcessHost) {
    this.#host = host;
  }

  /** Starts a process ahead of time. */
  start(kind: ProcessKind, label: string): void {
    this.#early.set(key(kind, label), this.#host.spawn(kind, label));
  }

  spawn(kind: ProcessKind, label: string): ChildProcessHandle {
    const early = this.#early.get(key(kind, label));
    this.#early.delete(key(kind, label));
    return early ?? this.#host.spawn(kind, label);
  }

  /** Ends the processes that nobody asked for. */
  close(): void {
    for (const child of this.#early.values()) child.kill();
    this.#early.clear();
  }
}

function key(kind: ProcessKind, label: string): string {
  return `${kind} ${label}`;
}
