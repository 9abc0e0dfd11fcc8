import type { Command } from 'commander';
import { EnsembleError } from '../core/base/errors.ts';
import type { BridgeClient } from '../core/bridge/contract.ts';
import type { Context } from './context.ts';
import { type StateFlags, stateFolder } from './state-folder.ts';

/** Which program a command speaks to. */
export interface RunningFlags extends StateFlags {
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
export async function findRunning(context: Context, flags: RunningFlags): Promise<readonly Running[]> {
  const { backend } = context;
  const { state, url } = flags;
  if (url !== undefined) {
    if (state !== undefined) throw new EnsembleError('usage', 'Give --state or --url, not both.');
    return [{ name: 'serve', client: await backend.connectServed(url) }];
  }
  const found = await backend.runningPrograms(stateFolder(context, flags));
  return found.map(({ role, pid, client }) => ({ name: role, pid, client }));
}
