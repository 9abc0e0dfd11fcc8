import { useVirtualizer, type Virtualizer, type VirtualizerOptions } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { rangeWith } from './range-with.ts';

type Taken = 'count' | 'overscan' | 'paddingStart' | 'scrollPaddingStart' | 'getItemKey';

interface RowsOptions extends Pick<VirtualizerOptions<HTMLDivElement, Element>, Taken> {
  readonly rowHeight: number;
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
}

/** Rows of which only those in sight are drawn, and the one at `at` (-1: none), which is scrolled to when it comes to stand elsewhere. */
export function useVirtualRows(at: number, options: RowsOptions): Virtualizer<HTMLDivElement, Element> {
  const { rowHeight, scroller, ...others } = options;
  const stood = useRef(-1);
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    ...others,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    rangeExtractor: rangeWith(at, at !== stood.current),
  });
  useLayoutEffect(() => {
    stood.current = at;
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  return virtual;
}
