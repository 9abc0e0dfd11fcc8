import { chmod, lstat, mkdir, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import type { BridgeHost } from '../bridge/host/host.ts';
import { toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { NodeDisk } from '../node/disk.ts';
import { listening } from '../node/listening.ts';
import { NodeRandom } from '../node/random.ts';
import { diskError } from '../ports/system-error.ts';
import { temporaryFolder } from './system-folders.ts';
import { controlFolder, controlName, isShort, type Role, socketPath } from './control-places.ts';

const ours = { folder: 0o700, socket: 0o600 } as const;

export interface ControlOptions {
  /** Absolute; made where it is missing. */
  readonly stateFolder: string;
  readonly role: Role;
  /** What stands behind the socket; asked for when somebody comes for the first time. */
  bridge(): BridgeHost | Promise<BridgeHost>;
}

/** A way for other programs of this user to ask this one, and to tell it what to do. */
export interface Control {
  /** Ends all that was opened by it; harmless twice. */
  close(): Promise<void>;
}

/**
 * Listens for other programs of the same user, at a socket in a folder that nobody else may enter; over it they speak the windows' bridge.
 * Rejects with EnsembleError('disk') where there can be none: the program itself needs none.
 */
export async function openControl(options: ControlOptions): Promise<Control> {
  const folder = controlFolder(options.stateFolder);
  try {
    await privateFolder(folder);
    const name = controlName(options.role, process.pid, toHex(new NodeRandom().bytes(8)));
    return await listen(path.join(folder, name), options);
  } catch (error) {
    throw error instanceof EnsembleError ? error : diskError('make a control socket in', folder, error);
  }
}

async function listen(file: string, { bridge }: ControlOptions): Promise<Control> {
  const windows = process.platform === 'win32';
  // A socket's path has to be short: elsewhere, where the folder's is long, and a link stands here.
  const elsewhere = windows || isShort(file) ? undefined : await temporaryFolder('ensemble-');
  const at = windows ? socketPath(file) : elsewhere === undefined ? file : path.join(elsewhere, 'socket');
  const sockets = new Set<Socket>();
  let serving: Promise<(socket: Socket) => void> | undefined;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    // What it takes to answer is loaded when somebody asks, which in most runs nobody does.
    serving ??= import('./serve-control.ts').then(async ({ serveControl }) => serveControl(await bridge()));
    serving.then(
      (take) => take(socket),
      () => socket.destroy(),
    );
  });
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(file, { force: true });
    if (elsewhere === undefined) return;
    await rm(at, { force: true });
    await rmdir(elsewhere).catch(() => undefined);
  };
  try {
    await bind(server, at);
    if (!windows) await chmod(at, ours.socket);
    if (windows) await writeFile(file, '', { mode: ours.socket, flag: 'wx' });
    else if (elsewhere !== undefined) await symlink(at, file);
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function bind(server: Server, at: string): Promise<void> {
  const bound = listening(server, { path: at });
  // It keeps no program alive.
  server.unref();
  return bound;
}

/** Makes the folder, or sees to it that it is this user's alone. */
async function privateFolder(folder: string): Promise<void> {
  const state = path.dirname(folder);
  await new NodeDisk().makeDirectory(path.dirname(state));
  await mkdir(state, { mode: ours.folder }).catch(() => undefined);
  await mkdir(folder, { mode: ours.folder }).catch(async (error: unknown) => {
    const found = await lstat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) throw error;
    await chmod(folder, ours.folder);
  });
}
