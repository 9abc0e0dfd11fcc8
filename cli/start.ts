import { fileURLToPath } from 'node:url';
import { EnsembleError } from '../core/base/errors.ts';
import { createEngine } from '../core/entry/coordinator.ts';
import type { EntryScripts } from '../core/entry/entry-scripts.ts';
import { surviveFaults } from '../core/entry/faults.ts';
import { VERSION } from '../core/entry/version.ts';
import { NodeClock } from '../core/node/clock.ts';
import { NodeDisk } from '../core/node/disk.ts';
import { NodeHasher } from '../core/node/hasher.ts';
import { defaultStateFolder } from '../core/entry/state-folder.ts';
import type { ProcessHost } from '../core/ports/process-host.ts';
import type { Backend } from './backend.ts';
import { findDesktop } from './desktop.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { run, tellFailure } from './program.ts';

/** Leaving the swarms may take this long (ms); then the process ends, whatever still holds it up. */
const PATIENCE = 4800;

const page = fileURLToPath(new URL('../renderer', import.meta.url));
const desktop = fileURLToPath(new URL('../electron/main.cjs', import.meta.url));

interface Startup {
  readonly scripts: EntryScripts;
  /** Starts the identities' and workers' processes of a download. */
  readonly processHost: ProcessHost;
}

/** Code that few commands need is loaded on demand, which makes every start 30 ms shorter. */
function createBackend({ scripts, processHost }: Startup): Backend {
  return {
    clock: new NodeClock(),
    disk: new NodeDisk({ writesOnLoop: true }),
    hasher: () => new NodeHasher(),
    createEngine: (options) => createEngine(scripts, { ...options, processHost }),
    runLoneIdentity: async (options) => (await import('../core/entry/lone-identity.ts')).runLoneIdentity(options),
    probeRouters: async (options) => (await import('../core/entry/probe-routers.ts')).probeRouters(options),
    probeDht: async (options) => (await import('../core/entry/probe-dht.ts')).probeDht(options),
    serveFiles: async (engine, at) => (await import('../core/entry/file-server.ts')).serveFiles(engine, at),
    runDemo: async (options) => (await import('../core/entry/demo.ts')).runDemo(scripts, options),
    defaultStateFolder,
    openUi: async (options) => (await import('./serve/open-ui.ts')).openUi(scripts, page, options),
    findDesktop: (env) => findDesktop(desktop, env),
  };
}

const interruption = new AbortController();

function leave(code: number): void {
  // Standard output may be a pipe that has not yet taken everything.
  process.stdout.write('', () => process.exit(code));
}

function interrupt(): void {
  if (interruption.signal.aborted) return;
  interruption.abort(
    new EnsembleError('interrupted', 'Interrupted. What is there is kept: the same command goes on from it.'),
  );
  setTimeout(() => leave(EXIT.interrupted), PATIENCE).unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
// Whoever read our output has gone (`ensemble get ... | head`).
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') interrupt();
  });
}
// Whatever happens, the terminal gets its cursor back.
process.on('exit', () => {
  if (process.stdout.isTTY) process.stdout.write('\u001b[?25h');
});

/** Undefined where it was removed under us. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** Runs the command line of this process to its end, and ends the process. */
export type Start = (startup: Startup) => Promise<void>;

export const start: Start = async (startup) => {
  const args = process.argv.slice(2);
  const context: Context = {
    backend: createBackend(startup),
    out: process.stdout,
    err: process.stderr,
    cwd: currentFolder(),
    env: process.env,
    signal: interruption.signal,
  };
  surviveFaults((text) => {
    tellFailure(context, args, 'fault', `Unexpected fault: ${text}`);
    leave(EXIT.fault);
  });
  leave(await run(context, args, VERSION));
};
