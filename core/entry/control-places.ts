import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

/** What a program that runs is: its command, or `app` for the desktop application. */
export const ROLES = ['app', 'serve', 'get', 'seed'] as const;
export type Role = (typeof ROLES)[number];

/** A program that can be asked, by the name that it left in the state folder. */
export interface ControlPlace {
  readonly role: Role;
  readonly pid: number;
  /** Whether it ran on this machine, as several may share a state folder. */
  readonly here: boolean;
  /** What stands for it in the folder: a socket, a link to one, or the name of a pipe. */
  readonly file: string;
}

/** Most bytes of a socket's path that every system takes (104 with the zero byte on macOS). Node would cut a longer one silently. */
const LONGEST = 103;
const NAME = new RegExp(`^(${ROLES.join('|')})-(\\d{1,10})-([0-9a-f]{8})-[0-9a-f]{16}$`);

/** The folder in a state folder where programs that run can be found. */
export function controlFolder(stateFolder: string): string {
  return path.join(stateFolder, 'control');
}

/** The name of a program; `chance`: 16 hex digits. */
export function controlName(role: Role, pid: number, chance: string): string {
  return `${role}-${pid}-${machine()}-${chance}`;
}

/** Reads a name of that folder; undefined: it is none of ours. */
export function controlPlace(folder: string, name: string): ControlPlace | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  return {
    role: match[1] as Role,
    pid: Number(match[2]),
    here: match[3] === machine(),
    file: path.join(folder, name),
  };
}

/** Whether a socket can have this path. */
export function isShort(file: string): boolean {
  return Buffer.byteLength(file) <= LONGEST;
}

/** Where to connect to for one of these files: on Windows a pipe of its name. */
export function socketPath(file: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\ensemble-${path.basename(file)}`;
  return isShort(file) ? file : realpathSync(file);
}

/** Tells machines and containers apart. */
function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
