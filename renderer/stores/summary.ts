import type { DownloadView } from '../../core/bridge/views.ts';

/** What several downloads come to together. */
export interface Summary {
  readonly count: number;
  readonly bytesHave: number;
  readonly bytesWanted: number;
  readonly down: number;
  readonly up: number;
  readonly downloaded: number;
  readonly uploaded: number;
}

export function summaryOf(downloads: readonly DownloadView[]): Summary {
  const sum = (of: (one: DownloadView) => number): number => downloads.reduce((n, one) => n + of(one), 0);
  return {
    count: downloads.length,
    bytesHave: sum((one) => one.bytesHave),
    bytesWanted: sum((one) => one.bytesWanted),
    down: sum((one) => one.down),
    up: sum((one) => one.up),
    downloaded: sum((one) => one.downloaded),
    uploaded: sum((one) => one.uploaded),
  };
}

/** How often each word comes, the most frequent first. */
export function counted(words: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
