import type { TorrentKey } from '../../core/base/ids.ts';
import type { DownloadState } from '../../core/engine/engine.ts';
import type { DownloadView } from '../../core/bridge/views.ts';
import { hasLabels, type Labels } from './labels.ts';
import { sorted, type SortKey } from './sort.ts';

export type ListFilter = 'all' | 'active' | 'done' | 'paused' | 'queued' | 'stalled' | 'failed';

export const FILTERS: readonly ListFilter[] = ['all', 'active', 'done', 'paused', 'queued', 'stalled', 'failed'];
/** The orders that the list offers; the table has more. */
export const SORTS = [
  'added',
  'place',
  'name',
  'progress',
  'down',
  'timeLeft',
  'size',
] as const satisfies readonly SortKey[];

/** What decides which downloads are listed, and in which order. */
export interface ListOrder {
  readonly filter: ListFilter;
  readonly labels: Labels;
  readonly search: string;
  readonly sort: SortKey;
  readonly reverse: boolean;
}

const ACTIVE: ReadonlySet<DownloadState> = new Set([
  'metadata',
  'checking',
  'downloading',
  'assembling',
  'seeding',
  'complete',
  'moving',
]);
const DONE: ReadonlySet<DownloadState> = new Set(['done', 'seeding', 'complete']);

/** Whether a download waits for the user to resume it. */
export function canResume({ state }: Pick<DownloadView, 'state'>): boolean {
  return state === 'paused' || state === 'failed' || state === 'missing-files';
}

/** Whether nothing has come for a while. */
export function isStalled({ stall }: Pick<DownloadView, 'stall'>): boolean {
  return stall !== null;
}

function inFilter(download: DownloadView, filter: ListFilter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'active':
      return ACTIVE.has(download.state);
    case 'done':
      return DONE.has(download.state);
    case 'paused':
    case 'queued':
      return download.state === filter;
    case 'stalled':
      return isStalled(download);
    case 'failed':
      return download.state === 'failed' || download.state === 'missing-files';
  }
}

/** How many downloads each filter lets through. */
export function filterCounts(downloads: readonly DownloadView[]): Readonly<Record<ListFilter, number>> {
  const counts = { all: 0, active: 0, done: 0, paused: 0, queued: 0, stalled: 0, failed: 0 };
  for (const one of downloads) for (const filter of FILTERS) if (inFilter(one, filter)) counts[filter]++;
  return counts;
}

/** The downloads that are listed, in order. Words of the search may stand anywhere in the name. */
export function listed(downloads: readonly DownloadView[], order: ListOrder, locale?: string): DownloadView[] {
  const words = order.search.toLocaleLowerCase(locale).split(/\s+/).filter(Boolean);
  const found = downloads.filter(
    (one) => inFilter(one, order.filter) && hasLabels(one, order.labels) && isMeant(one, words, locale),
  );
  return sorted(found, order.sort, order.reverse, locale);
}

function isMeant(one: DownloadView, words: readonly string[], locale?: string): boolean {
  if (words.length === 0) return true;
  const name = one.name.toLocaleLowerCase(locale);
  const hashes: readonly (string | null)[] = [one.infoHash, one.infoHashV1, one.infoHashV2];
  return words.every((word) => name.includes(word) || hashes.includes(word));
}

/** The rows from `anchor` to `to` in listed order, both included. */
export function between(order: readonly TorrentKey[], anchor: TorrentKey, to: TorrentKey): TorrentKey[] {
  const a = order.indexOf(anchor);
  const b = order.indexOf(to);
  if (a < 0 || b < 0) return [to];
  return order.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/** Whether several identities fetch it, here or on other machines. */
export function hasSeveral({ options, meeting }: Pick<DownloadView, 'options' | 'meeting'>): boolean {
  return options.identities > 1 || meeting !== null;
}
