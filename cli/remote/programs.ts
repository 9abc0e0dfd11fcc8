import { EnsembleError } from '../../core/base/errors.ts';
import type { DownloadLine } from '../../core/bridge/looks.ts';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import { findRunning, type Running, type RunningFlags } from '../running.ts';

/** Programs that keep a list, to which downloads can be added. */
export const KEEPERS: ReadonlySet<string> = new Set(['app', 'serve']);

/** A download of a program that runs. */
export interface Listed {
  /** Its place among those of all programs, from 1. */
  readonly number: number;
  readonly program: Running;
  readonly line: DownloadLine;
}

/** Does `work` with lines to the programs that run. Rejects with EnsembleError('network') where there is none. */
export async function withPrograms<T>(
  context: Context,
  flags: RunningFlags,
  work: (programs: readonly Running[]) => Promise<T>,
): Promise<T> {
  const programs = await abortable(context, findRunning(context, flags));
  try {
    if (programs.length === 0) {
      throw new EnsembleError(
        'network',
        'No program runs with this state folder, or none can be asked: start one (`ensemble serve`), or name its folder with --state.',
      );
    }
    return await abortable(context, work(programs));
  } finally {
    for (const { client } of programs) client.close();
  }
}

/** What they all have, each list in the order of its queue. */
export async function listAll(programs: readonly Running[]): Promise<readonly Listed[]> {
  const lists = await Promise.all(
    programs.map(async (program) => {
      const lines = await program.client.call('list', null).catch((error: unknown) => {
        if (!(error instanceof EnsembleError) || error.code !== 'invalid-message') throw error;
        throw new EnsembleError(
          'newer-version',
          `ensemble ${program.name} that runs is older than this command: start it again.`,
        );
      });
      return lines.map((line) => ({ program, line }));
    }),
  );
  return lists.flat().map((one, at) => ({ number: at + 1, ...one }));
}

/** The program that keeps the list of downloads. */
export function keeper(programs: readonly Running[]): Running {
  const found = programs.find(({ name }) => KEEPERS.has(name));
  if (found !== undefined) return found;
  throw new EnsembleError(
    'network',
    'What runs here does one thing and then ends: no program keeps a list of downloads. Start one: `ensemble serve`.',
  );
}
