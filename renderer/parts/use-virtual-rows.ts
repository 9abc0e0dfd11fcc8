import { type Range, useVirtualizer, type Virtualizer, type VirtualizerOptions } from '@tanstack/react-virtual';
import { type RefObject, useLayoutEffect, useRef } from 'react';
import { rangeWith } from './range-with.ts';

type Taken = 'count' | 'overscan' | 'paddingStart' | 'scrollPaddingStart' | 'getItemKey';

interface RowsOptions extends Pick<VirtualizerOptions<HTMLDivElement, Element>, Taken> {
  readonly rowHeight: number;
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** The row where the keyboard stands, which is drawn wherever it is; -1: none. */
  readonly at: number;
  /** What the user asked to see: another value brings that row into sight. */
  readonly asked: unknown;
}

/**
 * Rows of which only those in sight are drawn. Where the keyboard's row comes to stand elsewhere it is followed: if the user asked
 * for it, or had it in sight. Else a list whose order changes by itself could not be scrolled.
 */
export function useVirtualRows(options: RowsOptions): Virtualizer<HTMLDivElement, Element> {
  const { rowHeight, scroller, at, asked, ...others } = options;
  const shown = useRef<{ readonly at: number; readonly asked: unknown }>({ at: -1, asked: undefined });
  const before = shown.current;
  const isFollowed = (sight: Pick<Range, 'startIndex' | 'endIndex'> | null): boolean =>
    asked !== before.asked ||
    (sight !== null && at !== before.at && before.at >= sight.startIndex && before.at <= sight.endIndex);
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    ...others,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    rangeExtractor: (range) => rangeWith(at, isFollowed(range))(range),
  });
  useLayoutEffect(() => {
    if (at >= 0 && isFollowed(virtual.range)) virtual.scrollToIndex(at);
    shown.current = { at, asked };
  });
  return virtual;
}
