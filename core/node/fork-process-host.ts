import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { dirname } from 'node:path';
import type { ChildProcessHandle, ProcessExit, ProcessHost, ProcessKind } from '../ports/process-host.ts';
import { MessageBatch, unpack } from './message-batch.ts';
import { spare } from './spare-descriptors.ts';

interface ForkOptions {
  /** Node's own arguments for the processes; none where undefined. */
  readonly execArgv?: readonly string[];
  /** Their environment; this process's where undefined. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** What happens to their output; errors go where this process's errors go unless told otherwise. */
  readonly stdout?: 'inherit' | 'ignore';
  readonly stderr?: 'inherit' | 'ignore';
}

/** How long messages may still arrive after a process has ended, in ms. */
const LAST_WORDS = 1000;

/** Processes as forks of this program's runtime, one script for each kind. */
export class ForkProcessHost implements ProcessHost {
  readonly #entries: Readonly<Record<ProcessKind, string>>;
  readonly #options: ForkOptions;

  /** `entries`: absolute paths of the scripts. */
  constructor(entries: Readonly<Record<ProcessKind, string>>, options: ForkOptions = {}) {
    this.#entries = entries;
    this.#options = options;
  }

  spawn(kind: ProcessKind, label: string): ChildProcessHandle {
    const { execArgv = [], env, stdout = 'ignore', stderr = 'inherit' } = this.#options;
    // As an argument the label shows in process listings.
    const start = (): ChildProcess =>
      fork(this.#entries[kind], [label], {
        serialization: 'advanced',
        execArgv: [...execArgv],
        ...(env === undefined ? {} : { env }),
        ...(isSomewhere() ? {} : { cwd: dirname(this.#entries[kind]) }),
        stdio: ['ignore', stdout, stderr, 'ipc'],
      });
    const child = start();
    if (child.pid !== undefined) return new ForkHandle(child);
    // Most likely no descriptor was left for its channel.
    child.on('error', () => {});
    return new ForkHandle(spare.free(start));
  }
}

/** Whether there is a current folder; if it was removed, no process can be started in it. */
function isSomewhere(): boolean {
  try {
    return process.cwd() !== '';
  } catch {
    return false;
  }
}

class ForkHandle implements ChildProcessHandle {
  readonly #child: ChildProcess;
  readonly #exitListeners: ((exit: ProcessExit) => void)[] = [];
  readonly #batch = new MessageBatch((messages) => {
    // A process that is ending may close its channel at any time; `onExit` reports its end.
    if (this.#child.connected) this.#child.send(messages as object, () => {});
  });
  #exit: ProcessExit | undefined;
  #told = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('error', () => {
      // It could not be started: 127, as shells say it. Other errors concern a channel whose end is reported anyway.
      if (child.pid === undefined) this.#end({ code: 127, signal: null });
    });
    child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      if (!child.connected) return this.#tell();
      // Messages that it had sent are delivered before its end is reported.
      child.once('disconnect', () => this.#tell());
      setTimeout(() => this.#tell(), LAST_WORDS).unref();
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  post(message: unknown): void {
    if (this.#child.connected) this.#batch.post(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on('message', (messages) => unpack(messages, listener));
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    if (this.#told && this.#exit) listener(this.#exit);
    else this.#exitListeners.push(listener);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #end(exit: ProcessExit): void {
    this.#exit ??= exit;
    this.#tell();
  }

  #tell(): void {
    if (this.#told || !this.#exit) return;
    this.#told = true;
    for (const listener of this.#exitListeners.splice(0)) listener(this.#exit);
  }
}
