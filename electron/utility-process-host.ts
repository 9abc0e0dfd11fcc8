import { type UtilityProcess, utilityProcess } from 'electron';
import { MessageBatch, unpack } from '../core/node/message-batch.ts';
import type { ChildProcessHandle, ProcessExit, ProcessHost, ProcessKind } from '../core/ports/process-host.ts';

/** How long messages of a process may still arrive after it has ended, in ms. */
const LAST_WORDS = 50;

/** Processes as Electron's utility processes: the same entries and messages as forks under Node. */
export class UtilityProcessHost implements ProcessHost {
  readonly #entries: Readonly<Record<ProcessKind, string>>;
  readonly #onError: (label: string, text: string) => void;

  /** `entries`: absolute paths of the scripts. `onError` is called with what the processes write to standard error. */
  constructor(entries: Readonly<Record<ProcessKind, string>>, onError: (label: string, text: string) => void) {
    this.#entries = entries;
    this.#onError = onError;
  }

  spawn(kind: ProcessKind, label: string): ChildProcessHandle {
    const child = utilityProcess.fork(this.#entries[kind], [label], {
      serviceName: `Ensemble ${label}`,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (data: Buffer) => this.#onError(label, data.toString()));
    return new UtilityHandle(child);
  }
}

class UtilityHandle implements ChildProcessHandle {
  readonly #child: UtilityProcess;
  readonly #exitListeners: ((exit: ProcessExit) => void)[] = [];
  readonly #batch = new MessageBatch((messages) => {
    if (!this.#ended) this.#child.postMessage(messages);
  });
  #pid: number | undefined;
  #ended = false;
  #exit: ProcessExit | undefined;
  #killed = false;

  constructor(child: UtilityProcess) {
    this.#child = child;
    child.once('spawn', () => {
      this.#pid = child.pid;
      if (this.#killed) this.kill();
    });
    child.once('exit', (code) => {
      this.#ended = true;
      // Messages that it had sent are delivered before its end is reported.
      setTimeout(() => {
        this.#exit = { code, signal: null };
        for (const listener of this.#exitListeners.splice(0)) listener(this.#exit);
      }, LAST_WORDS);
    });
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  post(message: unknown): void {
    if (!this.#ended) this.#batch.post(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', (messages) => unpack(messages, listener));
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    if (this.#exit) listener(this.#exit);
    else this.#exitListeners.push(listener);
  }

  kill(): void {
    this.#killed = true;
    if (this.#ended || this.#pid === undefined) return;
    // Electron's own kill() sends SIGTERM, which identities ignore.
    try {
      process.kill(this.#pid, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  }
}
