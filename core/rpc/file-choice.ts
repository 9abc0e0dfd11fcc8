import { EnsembleError } from '../base/errors.ts';
import { NORMAL } from '../engine/values.ts';
import type { Args } from './args.ts';
import { type FileLevel, PRIORITY_OF } from './files.ts';

const LEVELS: readonly (readonly [string, FileLevel])[] = [
  ['priority-low', -1],
  ['priority-normal', 0],
  ['priority-high', 1],
];

/**
 * Priorities (0 not wanted, to 7) after what a request says of files by their places; undefined: it says nothing. An empty list names all. A file
 * that is not wanted stays so, whatever its priority. Throws EnsembleError('usage') for a place where there is none.
 */
export function chosenPriorities(args: Args, before: readonly number[]): readonly number[] | undefined {
  const after = [...before];
  let says = false;
  const each = (name: string, change: (priority: number) => number): void => {
    const places = args.wholes(name);
    if (places === undefined) return;
    says = true;
    for (const place of places.length === 0 ? before.keys() : places) {
      const priority = after[place];
      if (priority === undefined) throw new EnsembleError('usage', 'file index out of range');
      after[place] = change(priority);
    }
  };
  each('files-unwanted', () => 0);
  each('files-wanted', (priority) => (priority === 0 ? NORMAL : priority));
  for (const [name, level] of LEVELS) each(name, (priority) => (priority === 0 ? 0 : PRIORITY_OF[level]));
  return says ? after : undefined;
}
