import type { Clock } from '../ports/clock.ts';
import type { ChildProcessHandle, ParentPort, ProcessExit, ProcessHost, ProcessKind } from '../ports/process-host.ts';

/** The body of a simulated process: gets its end of the channel, and may return a function to call when it is killed; a promise of that puts off the exit. */
export type SimProcessBody = (port: ParentPort & { exit(code: number): void }, label: string) => (() => unknown) | void;

/** What a test can do to a simulated process. */
export interface SimProcess {
  readonly kind: ProcessKind;
  readonly label: string;
  readonly handle: ChildProcessHandle;
  readonly running: boolean;
  /** Ends it as a crash does. */
  crash(signal?: string): void;
  /** The parent goes away: the process hears it. */
  orphan(): void;
}

/** Processes simulated within this one: messages are cloned and arrive in order, in a later turn. */
export class SimProcessHost implements ProcessHost {
  /** All processes that were started, in order. */
  readonly started: SimProcess[] = [];
  readonly #clock: Clock;
  readonly #bodies: Readonly<Partial<Record<ProcessKind, SimProcessBody>>>;
  #pids = 1000;

  constructor(clock: Clock, bodies: Readonly<Partial<Record<ProcessKind, SimProcessBody>>>) {
    this.#clock = clock;
    this.#bodies = bodies;
  }

  spawn(kind: ProcessKind, label: string): ChildProcessHandle {
    const clock = this.#clock;
    const toChild = new Mailbox(clock);
    const toParent = new Mailbox(clock);
    const exits: ((exit: ProcessExit) => void)[] = [];
    const closes: (() => void)[] = [];
    let running = true;
    let onKill: ReturnType<SimProcessBody>;
    const end = (exit: ProcessExit): void => {
      if (!running) return;
      running = false;
      toChild.close();
      // What it had posted still arrives first.
      const tell = (): void => clock.soon(() => exits.forEach((listener) => listener(exit)));
      const dying = onKill?.();
      if (dying instanceof Promise) void dying.then(tell);
      else tell();
    };
    const handle: ChildProcessHandle = {
      pid: ++this.#pids,
      post: (message) => toChild.post(message),
      onMessage: (listener) => toParent.listen(listener),
      onExit: (listener) => exits.push(listener),
      kill: () => end({ code: null, signal: 'SIGKILL' }),
    };
    const port = {
      post: (message: unknown) => (running ? toParent.post(message) : undefined),
      onMessage: (listener: (message: unknown) => void) => toChild.listen(listener),
      onClose: (listener: () => void) => void closes.push(listener),
      exit: (code: number) => end({ code, signal: null }),
    };
    this.started.push({
      kind,
      label,
      handle,
      get running() {
        return running;
      },
      crash: (signal = 'SIGSEGV') => end({ code: null, signal }),
      orphan: () => closes.forEach((listener) => clock.soon(listener)),
    });
    clock.soon(() => {
      if (running) onKill = this.#bodies[kind]?.(port, label);
    });
    return handle;
  }
}

/** One direction of a channel: keeps what comes before there is a listener. */
class Mailbox {
  readonly #clock: Clock;
  readonly #listeners: ((message: unknown) => void)[] = [];
  #waiting: unknown[] = [];
  #open = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  post(message: unknown): void {
    const copy: unknown = structuredClone(message);
    this.#clock.soon(() => {
      if (!this.#open) return;
      if (this.#listeners.length === 0) this.#waiting.push(copy);
      else this.#listeners.forEach((listener) => listener(copy));
    });
  }

  listen(listener: (message: unknown) => void): void {
    this.#listeners.push(listener);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.#clock.soon(() => this.#open && listener(message));
  }

  close(): void {
    this.#open = false;
  }
}
