import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { useBridge, useUi } from '../../stores/context.tsx';
import { listed } from '../../stores/list.ts';

const NONE: readonly DownloadView[] = [];

export function useDownloads(): readonly DownloadView[] {
  return useBridge((state) => state.app?.downloads ?? NONE);
}

/** The downloads that the list shows, in order. */
export function useListed(): readonly DownloadView[] {
  const downloads = useDownloads();
  const order = useUi(
    useShallow(({ filter, labels, search, sort, reverse }) => ({ filter, labels, search, sort, reverse })),
  );
  return useMemo(() => listed(downloads, order), [downloads, order]);
}
