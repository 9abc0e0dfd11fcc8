import type { Command } from 'commander';
import { EnsembleError } from '../core/base/errors.ts';
import type { BridgeClient } from '../core/bridge/contract.ts';
import { type Context, resolvePath } from './context.ts';

/** Which program a command speaks to. */
export interface RunningFlags {
  readonly state?: string;
  readonly url?: string;
}

/** A program that runs, as the user knows it, and a line to it. */
export interface Running {
  readonly name: string;
  readonly pid?: number;
  readonly client: BridgeClient;
}

export function addRunning(command: Command): Command {
  return command
    .option('--state <dir>', "ask the programs that run with this state folder (default: the platform's)")
    .option('--url <url>', 'ask the program that serves the UI at this URL, as it printed it');
}

/** Lines to all programs that run, the one that keeps the list of downloads first; there may be none. The caller closes them. */
export async function findRunning(context: Context, { state, url }: RunningFlags): Promise<readonly Running[]> {
  const { backend, env } = context;
  if (url !== undefined) {
    if (state !== undefined) throw new EnsembleError('usage', 'Give --state or --url, not both.');
    return [{ name: 'serve', client: await backend.connectServed(url) }];
  }
  const folder = state === undefined ? backend.defaultStateFolder(env) : resolvePath(context, state);
  const found = await backend.runningPrograms(folder);
  return found.map(({ role, pid, client }) => ({ name: role, pid, client }));
}
