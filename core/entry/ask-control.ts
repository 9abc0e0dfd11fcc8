import { readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { BridgeClient } from '../bridge/contract.ts';
import { BRIDGE_PATH, connectSocket, type SocketLike } from '../bridge/line/transports.ts';
import { RpcClient } from '../bridge/window/client.ts';
import { diskCode } from '../ports/disk.ts';
import { diskError } from '../ports/system-error.ts';
import { type ControlPlace, controlFolder, controlPlace, ROLES, type Role, socketPath } from './control-places.ts';

/** A program that runs, and a line to it. */
export interface RunningProgram {
  readonly role: Role;
  readonly pid: number;
  readonly client: BridgeClient;
}

/** The programs of this user that run with this state folder and can be asked, the one that keeps the list of downloads first. */
export async function runningPrograms(stateFolder: string): Promise<RunningProgram[]> {
  const folder = controlFolder(stateFolder);
  const names = await readdir(folder).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(diskCode(error) ?? '')) return [];
    throw diskError('look for programs that run in', folder, error);
  });
  const places = names.map((name) => controlPlace(folder, name)).filter((place) => place !== undefined);
  const found = await Promise.all(places.map(ask));
  return found
    .filter((one) => one !== undefined)
    .sort((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.pid - b.pid);
}

/** Connects to a program at one of these places; undefined: it is gone, and what it left is removed. */
async function ask({ role, pid, here, file }: ControlPlace): Promise<RunningProgram | undefined> {
  let socket: Socket;
  try {
    socket = await reach(socketPath(file));
  } catch (error) {
    // Of a program on another machine one cannot know. One that left nothing but a link has lost its socket.
    if (here && ['ECONNREFUSED', 'ENOENT'].includes(diskCode(error) ?? '')) await rm(file, { force: true });
    return undefined;
  }
  const line = new WebSocket(`ws://localhost${BRIDGE_PATH}`, { createConnection: () => socket });
  return { role, pid, client: new RpcClient({ connect: () => connectSocket(line as unknown as SocketLike) }) };
}

function reach(at: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(at, () => resolve(socket));
    socket.on('error', reject);
  });
}
