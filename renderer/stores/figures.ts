import type { DownloadView } from '../../core/bridge/views.ts';

/** How much of the chosen files is there, 0 to 1. */
export function shareOf(one: Pick<DownloadView, 'bytesHave' | 'bytesWanted'>): number {
  return one.bytesWanted === 0 ? 0 : one.bytesHave / one.bytesWanted;
}

/** Uploaded for each byte of the download. */
export function ratioOf(one: {
  readonly downloaded: number;
  readonly uploaded: number;
  readonly bytesHave: number;
}): number {
  const base = one.downloaded > 0 ? one.downloaded : one.bytesHave;
  return base === 0 ? 0 : one.uploaded / base;
}
