import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, cpuOfEnded, loopbackBytes, memoryOf, treeOf } from './processes.ts';

/** How often it is checked whether a program is done, and how much memory it uses. */
const POLL = 10;
const MEMORY_EVERY = 250;
const PATIENCE = 10_000;
/** How many characters of a program's output are kept. */
const OUTPUT = 64 * 1024;

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The last of what it printed. */
  output(): string;
  readonly ended: Promise<void>;
  over(): boolean;
}

/** Starts a program whose output is kept. */
export function start(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Started {
  const [command = 'false', ...args] = argv;
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const take = (data: Buffer): void => void (output = (output + data.toString('latin1')).slice(-OUTPUT));
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  child.stdin.on('error', () => {});
  let over = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true;
      resolve();
    };
    child.on('close', end);
    child.on('error', (error) => {
      output += error.message;
      end();
    });
  });
  return { child, pid: child.pid ?? 0, output: () => output, ended, over: () => over };
}

/** Ends a program and all its descendants: SIGTERM first, SIGKILL if that does not help. */
export async function stop(started: Started, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (started.over()) return;
  send(treeOf(started.pid), signal);
  const late = setTimeout(() => send(treeOf(started.pid).reverse(), 'SIGKILL'), PATIENCE);
  await started.ended;
  clearTimeout(late);
}

function send(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

export interface Measured {
  /** Seconds until it was done. */
  readonly wall: number;
  /** Seconds from then until it had ended, for programs that end by themselves. */
  readonly exit: number;
  /** CPU seconds of the program and its descendants, until it has ended. */
  readonly cpu: number;
  /** Seconds from its first MiB over loopback to its last bytes. */
  readonly transfer: number;
  /** Seconds until the first MiB. */
  readonly first: number;
  /** Peak memory of the program and its descendants, in MiB. */
  readonly pss: number;
  readonly anon: number;
  /** The last of what it printed. */
  readonly output: string;
}

export interface MeasureOptions {
  /** It is done when this file exists or this function returns true; undefined: when it ends. */
  readonly done?: string | ((output: string) => boolean);
  /** It ends by itself after it is done. */
  readonly endsItself?: boolean;
  readonly signal?: NodeJS.Signals;
  /** Seconds. */
  readonly limit?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether memory is measured. */
  readonly memory?: boolean;
}

/** Runs a program until it is done. Rejects if it ends before that, or takes too long. */
export async function measure(argv: readonly string[], options: MeasureOptions = {}): Promise<Measured> {
  const { done, limit = 120, memory = true } = options;
  const cpuBefore = cpuOfEnded();
  const netBefore = loopbackBytes();
  let net = 0;
  let first = 0;
  let last = 0;
  let pss = 0;
  let anon = 0;
  let lookAt = MEMORY_EVERY;
  const startedAt = performance.now();
  const started = start(argv, options.env);
  const isDone = (): boolean => {
    if (done === undefined) return started.over();
    return typeof done === 'string' ? existsSync(done) : done(started.output());
  };
  for (;;) {
    if (isDone()) break;
    const at = performance.now() - startedAt;
    if (started.over() || at > limit * 1000) {
      await stop(started, 'SIGKILL');
      throw new Error(
        `${argv.join(' ')}\nwas not done after ${(at / 1000).toFixed(1)} s:\n${started.output().slice(-2000)}`,
      );
    }
    const before = net;
    net = loopbackBytes() - netBefore;
    if (net > 1 << 20 && first === 0) first = at;
    if (net - before > 1 << 15) last = at;
    if (memory && at > lookAt) {
      lookAt = at + MEMORY_EVERY;
      const now = memoryOf(treeOf(started.pid));
      pss = Math.max(pss, now.pss);
      anon = Math.max(anon, now.anon);
    }
    await sleep(POLL);
  }
  const wall = performance.now() - startedAt;
  if (options.endsItself === true || done === undefined) {
    const late = sleep(PATIENCE, undefined, { ref: false });
    await Promise.race([started.ended, late]);
  }
  const exit = performance.now() - startedAt - wall;
  await stop(started, options.signal);
  if (options.endsItself === true && started.child.exitCode !== 0) {
    throw new Error(`${argv.join(' ')}\nended with ${started.child.exitCode}:\n${started.output().slice(-2000)}`);
  }
  return {
    wall: wall / 1000,
    exit: exit / 1000,
    cpu: cpuOfEnded() - cpuBefore,
    first: first / 1000,
    transfer: Math.max(0, last - first) / 1000,
    pss,
    anon,
    output: started.output(),
  };
}

/** Waits until a program and its descendants use less than a twentieth of a core. */
export async function settled(started: Started, limit = 60): Promise<void> {
  const end = performance.now() + limit * 1000;
  for (let before = -1; performance.now() < end;) {
    const now = cpuOf(treeOf(started.pid));
    if (started.over()) throw new Error(`It ended too early:\n${started.output().slice(-2000)}`);
    if (before >= 0 && now - before < 0.03) return;
    before = now;
    await sleep(500);
  }
}
