import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useMemo, useRef } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { useVirtualRows } from '../../parts/use-virtual-rows.ts';
import { useListed, useNamesInOrder, useOrder } from './use-listed.ts';
import { useRows } from './use-rows.ts';

export interface RowsInSight {
  readonly downloads: readonly DownloadView[];
  readonly rows: ReturnType<typeof useRows>;
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly virtual: Virtualizer<HTMLDivElement, Element>;
  /** Whether the grid itself is reached by Tab: where no row is. */
  readonly tabIndex: 0 | -1;
}

/** The downloads of the list as rows, of which only those in sight and the current one are there. `head`: pixels above the first row. */
export function useRowsInSight(rowHeight: number, overscan: number, head = 0): RowsInSight {
  const downloads = useListed();
  useNamesInOrder();
  const scroller = useRef<HTMLDivElement>(null);
  const keys = downloads.map((one) => one.key);
  const rows = useRows(keys);
  const at = rows.current === undefined ? -1 : keys.indexOf(rows.current);
  const order = useOrder();
  const asked = useMemo(() => ({ current: rows.current, order }), [rows.current, order]);
  const virtual = useVirtualRows({
    at,
    asked,
    count: downloads.length,
    scroller,
    rowHeight,
    paddingStart: head,
    // The head lies over what is scrolled there.
    scrollPaddingStart: head,
    overscan,
  });
  return { downloads, rows, scroller, virtual, tabIndex: at < 0 && downloads.length > 0 ? 0 : -1 };
}
