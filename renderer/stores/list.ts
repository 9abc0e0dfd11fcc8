import type { TorrentKey } from '../../core/base/ids.ts';
import type { DownloadState } from '../../core/engine/engine.ts';
import type { DownloadView } from '../../core/bridge/views.ts';

export type ListFilter = 'all' | 'active' | 'done' | 'paused' | 'stalled' | 'failed';
export type SortKey = 'added' | 'name' | 'progress' | 'down' | 'timeLeft' | 'size';

export const FILTERS: readonly ListFilter[] = ['all', 'active', 'done', 'paused', 'stalled', 'failed'];
export const SORTS: readonly SortKey[] = ['added', 'name', 'progress', 'down', 'timeLeft', 'size'];

/** What decides which downloads are listed, and in which order. */
export interface ListOrder {
  readonly filter: ListFilter;
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
      return download.state === 'paused';
    case 'stalled':
      return isStalled(download);
    case 'failed':
      return download.state === 'failed' || download.state === 'missing-files';
  }
}

/** How many downloads each filter lets through. */
export function filterCounts(downloads: readonly DownloadView[]): Readonly<Record<ListFilter, number>> {
  const count = (filter: ListFilter): number => downloads.filter((one) => inFilter(one, filter)).length;
  return Object.fromEntries(FILTERS.map((filter) => [filter, count(filter)])) as Record<ListFilter, number>;
}

/** The downloads that are listed, in order. Words of the search may stand anywhere in the name. */
export function listed(downloads: readonly DownloadView[], order: ListOrder, locale?: string): DownloadView[] {
  const words = order.search.toLocaleLowerCase(locale).split(/\s+/).filter(Boolean);
  const found = downloads.filter((one) => {
    const name = one.name.toLocaleLowerCase(locale);
    const hashes: readonly (string | null)[] = [one.infoHash, one.infoHashV1, one.infoHashV2];
    return inFilter(one, order.filter) && words.every((word) => name.includes(word) || hashes.includes(word));
  });
  const compare = comparators(locale)[order.sort];
  found.sort((a, b) => compare(a, b) || a.added - b.added || (a.key < b.key ? -1 : 1));
  return order.reverse ? found.reverse() : found;
}

const share = (one: DownloadView): number => (one.bytesWanted === 0 ? 0 : one.bytesHave / one.bytesWanted);

function comparators(locale?: string): Readonly<Record<SortKey, (a: DownloadView, b: DownloadView) => number>> {
  const names = new Intl.Collator(locale, { numeric: true, sensitivity: 'base' });
  const left = (one: DownloadView): number => one.timeLeft ?? Number.MAX_SAFE_INTEGER;
  return {
    added: (a, b) => a.added - b.added,
    name: (a, b) => names.compare(a.name, b.name),
    progress: (a, b) => share(a) - share(b),
    down: (a, b) => b.down - a.down,
    timeLeft: (a, b) => left(a) - left(b),
    size: (a, b) => b.bytesTotal - a.bytesTotal,
  };
}

/** The rows from `anchor` to `to` in listed order, both included. */
export function between(order: readonly TorrentKey[], anchor: TorrentKey, to: TorrentKey): TorrentKey[] {
  const a = order.indexOf(anchor);
  const b = order.indexOf(to);
  if (a < 0 || b < 0) return [to];
  return order.slice(Math.min(a, b), Math.max(a, b) + 1);
}
