import type { DownloadState } from '../../core/engine/engine.ts';
import type { DownloadView } from '../../core/bridge/views.ts';
import { ratioOf, shareOf } from './figures.ts';
import { Ranks } from './ranks.ts';

const LAST = Number.MAX_SAFE_INTEGER;

const STATES: readonly DownloadState[] = [
  'failed',
  'missing-files',
  'metadata',
  'checking',
  'downloading',
  'queued',
  'assembling',
  'complete',
  'seeding',
  'done',
  'paused',
];

/** By what a list can be sorted: a figure of each download. */
const FIGURES = {
  /** The order of the queue. */
  place: (one) => one.place,
  added: (one) => one.added,
  progress: shareOf,
  down: (one) => one.down,
  up: (one) => one.up,
  timeLeft: (one) => one.timeLeft ?? LAST,
  size: (one) => one.bytesWanted,
  // What gets nothing stands beside what failed.
  state: (one) => (one.stall !== null ? 1.5 : STATES.indexOf(one.state)),
  ratio: ratioOf,
  seeds: (one) => one.seeds,
  peers: (one) => one.peers - one.seeds,
  finished: (one) => one.finished ?? LAST,
  received: (one) => one.downloaded,
  sent: (one) => one.uploaded,
  active: (one) => one.active,
  files: (one) => one.files,
  identities: (one) => one.options.identities,
  downLimit: (one) => one.options.down || LAST,
  upLimit: (one) => one.options.up || LAST,
} satisfies Readonly<Record<string, (one: DownloadView) => number>>;

/** Or a name; those without one come last. */
const NAMES = {
  name: (one) => one.name,
  tracker: (one) => one.trackerHosts[0] ?? '',
  category: (one) => one.options.category,
  tags: (one) => one.options.tags.join(' '),
  folder: (one) => one.options.output,
} satisfies Readonly<Record<string, (one: DownloadView) => string>>;

type Figure = keyof typeof FIGURES;
type Name = keyof typeof NAMES;
export type SortKey = Figure | Name;

export const isSortKey = (word: string | undefined): word is SortKey =>
  word !== undefined && (Object.hasOwn(FIGURES, word) || Object.hasOwn(NAMES, word));

/** Those that begin with what is most. */
const FALLING: ReadonlySet<SortKey> = new Set<SortKey>([
  'down',
  'up',
  'size',
  'ratio',
  'seeds',
  'peers',
  'received',
  'sent',
  'active',
  'files',
  'identities',
]);

/** Whether figures fall from row to row. */
export const isFalling = (sort: SortKey, reverse: boolean): boolean => FALLING.has(sort) !== reverse;

const ranks = new Map<string, Ranks>();

/** The downloads in an order; equal ones as they were added. */
export function sorted(
  downloads: readonly DownloadView[],
  sort: SortKey,
  reverse: boolean,
  locale?: string,
): DownloadView[] {
  const figure = figureOf(downloads, sort, locale);
  const sign = FALLING.has(sort) ? -1 : 1;
  const rows = downloads.map((one) => ({ one, figure: figure(one) }));
  // Many are added within a millisecond.
  rows.sort((a, b) => sign * (a.figure - b.figure) || a.one.added - b.one.added || a.one.place - b.one.place);
  if (reverse) rows.reverse();
  return rows.map(({ one }) => one);
}

function figureOf(
  downloads: readonly DownloadView[],
  sort: SortKey,
  locale: string | undefined,
): (one: DownloadView) => number {
  if (isFigure(sort)) return FIGURES[sort];
  const name = NAMES[sort];
  const rank = rankNames(downloads, sort, locale);
  return (one) => (name(one) === '' ? LAST : (rank.get(name(one)) ?? LAST));
}

/** The places of names in their order. They are kept: to be called ahead where somebody may sort by them soon. */
export function rankNames(
  downloads: readonly DownloadView[],
  sort: Name,
  locale?: string,
): ReadonlyMap<string, number> {
  const cache = `${sort} ${locale ?? ''}`;
  const known = ranks.get(cache) ?? new Ranks(locale);
  ranks.set(cache, known);
  return known.of(downloads.map(NAMES[sort]));
}

const isFigure = (sort: SortKey): sort is Figure => Object.hasOwn(FIGURES, sort);
