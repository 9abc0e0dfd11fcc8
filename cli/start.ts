import { createReadStream } from 'node:fs';
import path from 'node:path';
import { EnsembleError } from '../core/base/errors.ts';
import { openControl } from '../core/entry/open-control.ts';
import { createEngine } from '../core/entry/coordinator.ts';
import type { EntryScripts } from '../core/entry/entry-scripts.ts';
import { placesOfClients } from '../core/entry/client-places.ts';
import { surviveFaults } from '../core/entry/faults.ts';
import { VERSION } from '../core/entry/version.ts';
import { NodeClock } from '../core/node/clock.ts';
import { NodeDisk } from '../core/node/disk.ts';
import { NodeHasher } from '../core/node/hasher.ts';
import { defaultStateFolder } from '../core/entry/state-folder.ts';
import { homeFolder } from '../core/entry/system-folders.ts';
import { diskError } from '../core/ports/system-error.ts';
import type { ProcessHost } from '../core/ports/process-host.ts';
import type { Backend } from './backend.ts';
import { findDesktop } from './desktop.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { run, tellFailure } from './program.ts';

/** Leaving the swarms may take this long (ms); then the process ends, whatever still holds it up. */
const PATIENCE = 4800;

const page = path.join(import.meta.dirname, '../renderer');
const desktop = path.join(import.meta.dirname, '../electron/main.cjs');

interface Startup {
  readonly scripts: EntryScripts;
  /** Starts the identities' and workers' processes of a download. */
  readonly processHost: ProcessHost;
}

/** Reads a pipe, or whatever else there is no disk behind, to its end. */
async function readPipe(path: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Not every system has it as a file.
    const stream = path === '/dev/stdin' ? process.stdin : createReadStream(path);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) {
        throw new EnsembleError(
          'invalid-torrent',
          `${path} has more bytes than a .torrent file may have: ${maxBytes}.`,
        );
      }
    }
  } catch (error) {
    throw diskError('read', path, error);
  }
  return Buffer.concat(chunks);
}

function usersHome(): string | undefined {
  try {
    return homeFolder();
  } catch {
    return undefined;
  }
}

/** Code that few commands need is loaded on demand, which makes every start 30 ms shorter. */
function createBackend({ scripts, processHost }: Startup): Backend {
  return {
    clock: new NodeClock(),
    disk: new NodeDisk({ quickOnLoop: true }),
    hasher: () => new NodeHasher(),
    readPipe,
    fetchTorrent: async (url, way, signal) =>
      (await import('../core/entry/fetch-torrent.ts')).fetchTorrentFile(url, way, signal),
    fetchMetadata: async (how) => (await import('../core/entry/fetch-metadata.ts')).fetchMetadata(how),
    readLinks: async (folder) => (await import('../core/entry/link-settings.ts')).readLinks(folder),
    keptNames: async (folder) => (await import('../core/entry/kept-names.ts')).keptNames(folder),
    createEngine: (options) => createEngine(scripts, { ...options, processHost }),
    openControl: async ({ stateFolder, role, engine }) => {
      const bridge = async () => (await import('../core/entry/bridge-host.ts')).createGuestBridge(engine);
      return openControl({ stateFolder, role, bridge });
    },
    runningPrograms: async (folder) => (await import('../core/entry/ask-control.ts')).runningPrograms(folder),
    connectServed: async (url) => (await import('../core/entry/ask-served.ts')).connectServed(url),
    runLoneIdentity: async (options) => (await import('../core/entry/lone-identity.ts')).runLoneIdentity(options),
    probeRouters: async (options) => (await import('../core/entry/probe-routers.ts')).probeRouters(options),
    probeSpeed: async (options) => (await import('../core/entry/probe-speed.ts')).probeSpeed(options),
    openPaths: async () => (await import('../core/entry/paths.ts')).openPaths(),
    confirm: async (question) => (await import('./output/confirm.ts')).confirm(question),
    askSecret: async (question) => (await import('./output/ask-secret.ts')).askSecret(question),
    probeDht: async (options) => (await import('../core/entry/probe-dht.ts')).probeDht(options),
    serveFiles: async (engine, at) => (await import('../core/entry/file-server.ts')).serveFiles(engine, at),
    runDemo: async (options) => (await import('../core/entry/demo.ts')).runDemo(scripts, options),
    defaultStateFolder,
    home: usersHome,
    keepPassword: async (folder, password) => (await import('./serve/keep-password.ts')).keepPassword(folder, password),
    openImporter: async (folder, how) => (await import('../core/entry/import-torrents.ts')).openImporter(folder, how),
    placesOfClients,
    openUi: async (options) => (await import('./serve/open-ui.ts')).openUi(scripts, page, options),
    findDesktop: (env) => findDesktop(desktop, env),
  };
}

const interruption = new AbortController();

/** Set where something that was to be read on standard output got lost. */
let lost: EnsembleError | undefined;

function leave(code: number): void {
  // Standard output may be a pipe that has not yet taken everything; and it tells only afterwards that it could not.
  process.stdout.write('', () => setImmediate(() => end(code)));
}

function end(code: number): never {
  if (lost === undefined || code !== EXIT.done) process.exit(code);
  process.stderr.write(`ensemble: ${lost.message}\n`);
  process.exit(EXIT.output);
}

function interrupt(): void {
  if (interruption.signal.aborted) return;
  interruption.abort(
    new EnsembleError('interrupted', 'Interrupted. What is there is kept: the same command goes on from it.'),
  );
  setTimeout(() => leave(EXIT.interrupted), PATIENCE).unref();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read our output has gone (`ensemble get ... | head`).
    if (error.code === 'EPIPE') interrupt();
    else if (stream === process.stdout) loseOutput(error);
  });
}

/** The disk that the output goes to is full, or the like: a command that goes on would do so for nobody. */
function loseOutput(error: unknown): void {
  if (lost !== undefined) return;
  lost = diskError('write', 'the output', error);
  interruption.abort(lost);
  setTimeout(() => leave(EXIT.output), PATIENCE).unref();
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
