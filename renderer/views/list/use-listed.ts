import { useEffect, useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { whenIdle } from '../../parts/when-idle.ts';
import { useBridge, useServices, useUi } from '../../stores/context.tsx';
import { listed, type ListOrder } from '../../stores/list.ts';
import { rankNames } from '../../stores/sort.ts';

const NONE: readonly DownloadView[] = [];

export function useDownloads(): readonly DownloadView[] {
  return useBridge((state) => state.app?.downloads ?? NONE);
}

/** Which downloads the list shows and in which order; the same object until the user chooses another. */
export function useOrder(): ListOrder {
  return useUi(useShallow(({ filter, labels, search, sort, reverse }) => ({ filter, labels, search, sort, reverse })));
}

/** The downloads that the list shows, in order. */
export function useListed(): readonly DownloadView[] {
  const downloads = useDownloads();
  const order = useOrder();
  return useMemo(() => listed(downloads, order), [downloads, order]);
}

/** Has names in order before somebody sorts by them: with thousands that takes longer than a click should wait. */
export function useNamesInOrder(): void {
  const { bridge } = useServices();
  const count = useBridge((state) => state.app?.downloads.length ?? 0);
  useEffect(() => whenIdle(() => rankNames(bridge.getState().app?.downloads ?? NONE, 'name')), [bridge, count]);
}
