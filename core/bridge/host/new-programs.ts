import { EnsembleError } from '../../base/errors.ts';
import type { Category } from '../../engine/list-rules.ts';
import type { CommandTable } from './commands.ts';
import type { HostServices } from './services.ts';

type Words = readonly string[];

/** What is asked for that may name programs. */
interface Asked {
  readonly whenDone?: Words;
  readonly categories?: readonly Category[];
}

/**
 * The commands for whoever may use this program, but is not the user of this machine: programs that are to be run cannot be named, while
 * those that were chosen before may stay, go, or be passed on unchanged.
 */
export function withoutNewPrograms(commands: CommandTable, { engine, settings }: HostServices): CommandTable {
  const check = (asked: Asked, own: readonly Words[] = []): void => {
    const { whenDone: usual, categories } = settings.current;
    const known = new Set([...own, usual, ...programsOf(categories)].map((words) => JSON.stringify(words)));
    const named = [...(asked.whenDone ? [asked.whenDone] : []), ...programsOf(asked.categories ?? [])];
    if (named.every((words) => words.length === 0 || known.has(JSON.stringify(words)))) return;
    throw new EnsembleError(
      'usage',
      'Which programs this machine runs is said there alone, or here where it was started with --allow-programs.',
    );
  };
  return {
    ...commands,
    add: async (args) => {
      check(args.options);
      return commands.add(args);
    },
    change: async (args) => {
      const before = engine.download(args.key)?.options.whenDone;
      check(args.changes, before ? [before] : []);
      return commands.change(args);
    },
    changeSettings: async (args) => {
      check(args.changes);
      return commands.changeSettings(args);
    },
  };
}

function programsOf(categories: readonly Category[]): readonly Words[] {
  return categories.flatMap(({ whenDone }) => (whenDone ? [whenDone] : []));
}
