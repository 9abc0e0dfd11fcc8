import type { Command } from 'commander';
import { type Context, resolvePath } from './context.ts';

export interface StateFlags {
  readonly state?: string;
}

/** For commands that need no program that runs, but what one keeps: names that were chosen, links, nodes of the DHT. */
export function addState(command: Command): Command {
  return command.option(
    '--state <dir>',
    "the state folder whose links, chosen names and nodes of the DHT count (default: the platform's)",
  );
}

/** The folder that is named, or else the usual one. Throws EnsembleError('usage') where there is no home. */
export function stateFolder(context: Context, { state }: StateFlags): string {
  return state === undefined ? context.backend.defaultStateFolder(context.env) : resolvePath(context, state);
}

/** The context of a command for which the folder that is named is the usual one. */
export function inState(context: Context, { state }: StateFlags): Context {
  if (state === undefined) return context;
  const folder = resolvePath(context, state);
  return { ...context, backend: { ...context.backend, defaultStateFolder: () => folder } };
}
