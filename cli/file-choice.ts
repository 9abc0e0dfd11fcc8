import { InvalidArgumentError } from 'commander';
import { MAX_FILES } from '../core/base/bounds.ts';
import { EnsembleError } from '../core/base/errors.ts';
import type { Source } from '../core/engine/engine.ts';
import { NORMAL } from '../core/engine/values.ts';
import { parseTorrent } from '../core/metainfo/parse-torrent.ts';
import type { Info } from '../core/metainfo/torrent.ts';

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Which files of a torrent are to be fetched; with none of these, all. */
export interface FileWish {
  /** Patterns: `*` and `?` stand for characters of one name, `**` also for folders. */
  readonly only?: readonly string[];
  /** Numbers, as `ensemble show` tells them. */
  readonly files?: readonly Range[];
  /** Patterns of what is not fetched, whatever the others say. */
  readonly exclude?: readonly string[];
}

/** A file of a torrent; its number is its place in `filePriorities`. */
export interface Choosable {
  readonly index: number;
  /** Beginning with the torrent's own folder, where it has one. */
  readonly path: readonly string[];
}

/** The files of a torrent that can be chosen: padding cannot. */
export function choosable({ files }: Pick<Info, 'files'>): readonly Choosable[] {
  return files.flatMap(({ path, padding }, index) => (padding ? [] : [{ index, path }]));
}

/** The choice among the files of a torrent; undefined: all. */
export function prioritiesIn(info: Pick<Info, 'files'>, wish: FileWish): number[] | undefined {
  return isWish(wish) ? choosePriorities(choosable(info), info.files.length, wish) : undefined;
}

/** The same of a torrent file, which is not read where nobody chose; of a magnet link nothing is known yet. */
export function knownPriorities(source: Source, wish: FileWish): number[] | undefined {
  return source.kind === 'torrent' && isWish(wish) ? prioritiesIn(parseTorrent(source.data).info, wish) : undefined;
}

export function isWish({ only = [], files = [], exclude = [] }: FileWish): boolean {
  return only.length + files.length + exclude.length > 0;
}

/** Numbers and ranges of them, from 0. Throws commander's InvalidArgumentError. */
export function parseRanges(text: string): readonly Range[] {
  return text.split(',').map((part) => {
    const match = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last > MAX_FILES) {
      throw new InvalidArgumentError('Give numbers of files and ranges of them: 0,4-7.');
    }
    return { first, last };
  });
}

/**
 * Priority of each file. A pattern without a slash is compared with file names, another with the whole path, with and without the
 * torrent's own folder. EnsembleError('usage') for an `only` or a number that fits no file, and where no file is left.
 */
export function choosePriorities(all: readonly Choosable[], slots: number, wish: FileWish): number[] {
  const { only = [], files = [], exclude = [] } = wish;
  const wanted = new Set<number>();
  for (const pattern of only) {
    const fits = all.filter(matches(pattern));
    if (fits.length === 0) throw none(`--only ${pattern}: no file of the torrent matches.`);
    for (const { index } of fits) wanted.add(index);
  }
  for (const { first, last } of files) {
    const fits = all.filter(({ index }) => index >= first && index <= last);
    if (fits.length === 0) throw none(`--files ${first}: the torrent has no file of this number.`);
    for (const { index } of fits) wanted.add(index);
  }
  if (only.length + files.length === 0) for (const { index } of all) wanted.add(index);
  for (const pattern of exclude) for (const { index } of all.filter(matches(pattern))) wanted.delete(index);
  if (wanted.size === 0) throw none('--exclude leaves no file of the torrent to fetch.');
  return Array.from({ length: slots }, (_, slot) => (wanted.has(slot) ? NORMAL : 0));
}

function none(sentence: string): EnsembleError {
  return new EnsembleError('usage', `${sentence} \`ensemble show\` lists them.`);
}

function matches(pattern: string): (file: Choosable) => boolean {
  const expression = globExpression(pattern);
  return ({ path }) =>
    pattern.includes('/')
      ? expression.test(path.join('/')) || expression.test(path.slice(1).join('/'))
      : expression.test(path[path.length - 1] ?? '');
}

function globExpression(pattern: string): RegExp {
  const text = pattern.replace(/\*{2,}\/?|\*|\?|[.+^${}()|[\]\\]/g, (token) => {
    if (token.startsWith('**')) return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
  return new RegExp(`^${text}$`, 'iu');
}
