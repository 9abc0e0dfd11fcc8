import { EnsembleError } from '../base/errors.ts';
import type { DownloadOptions } from '../engine/download-options.ts';
import type { Settings } from '../engine/settings.ts';
import type { Args } from './args.ts';

type Labelled = Pick<DownloadOptions, 'category' | 'tags'>;

/** A torrent's labels: its category first, then its tags. */
export const labelsOf = ({ category, tags }: Labelled): readonly string[] =>
  category === '' ? tags : [category, ...tags.filter((tag) => tag !== category)];

/**
 * Category and tags after what a request says; undefined: it says nothing. The first label that is the name of a category makes it a torrent of that
 * one. Throws EnsembleError('usage') with Transmission's words for labels that it does not take either.
 */
export function labelled(args: Args, categories: Settings['categories'], before: string): Labelled | undefined {
  const labels = args.texts('labels')?.map((label) => label.trim());
  if (labels === undefined) return undefined;
  if (labels.includes('')) throw new EnsembleError('usage', 'labels cannot be empty');
  if (labels.some((label) => label.includes(','))) {
    throw new EnsembleError('usage', 'labels cannot contain comma (,) character');
  }
  const all = [...new Set(labels)];
  const category = all.find((label) => label === before || categories.some(({ name }) => name === label)) ?? '';
  return { category, tags: all.filter((label) => label !== category) };
}
