import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type ReactNode, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Check } from './choice.tsx';
import styles from './check-list.module.css';
import { rangeWith } from './range-with.ts';

/** Height of a row before it is measured: names and sentences may need several lines. */
const ROW = 42;
const PAGE = 6;

/** What a row of the list says. */
export interface CheckLine {
  readonly label: string;
  readonly hint: ReactNode;
  readonly checked: boolean;
  /** It cannot be chosen. */
  readonly fixed: boolean;
}

/**
 * Many things, each with its checkbox. It is one stop for the Tab key; arrow keys, Home and End go from row to row. `line` is always the same function:
 * rows are drawn again where their item is another one.
 */
export function CheckList<T extends { readonly id: number }>(props: {
  readonly label: string;
  readonly items: readonly T[];
  readonly line: (item: T) => CheckLine;
  readonly onChoose: (id: number, chosen: boolean) => void;
}): ReactNode {
  const { label, items: all, line, onChoose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const current = Math.min(at, all.length - 1);
  const virtual = useVirtualizer({
    count: all.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    getItemKey: (index) => all[index]?.id ?? index,
    rangeExtractor: rangeWith(current),
  });
  const go = (event: KeyboardEvent): void => {
    const to = targetOf(event.key, current, all.length);
    if (to === undefined) return;
    event.preventDefault();
    if (to === current) return;
    // The focus is there before the next key comes.
    flushSync(() => setAt(to));
    scroller.current?.querySelector<HTMLInputElement>(`[data-index="${to}"] input`)?.focus({ preventScroll: true });
    virtual.scrollToIndex(to);
  };
  return (
    <div ref={scroller} className={styles['list']} role="group" aria-label={label} onKeyDown={go}>
      <div className={styles['rows']} role="list" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const item = all[index];
          return (
            item && (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                role="listitem"
                aria-setsize={all.length}
                aria-posinset={index + 1}
                className={styles['row']}
                style={{ transform: `translateY(${start}px)` }}
              >
                <Line
                  item={item}
                  line={line as LineProps['line']}
                  index={index}
                  reached={index === current}
                  onFocus={setAt}
                  onChoose={onChoose}
                />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

interface LineProps {
  readonly item: { readonly id: number };
  readonly line: (item: { readonly id: number }) => CheckLine;
  readonly index: number;
  /** The Tab key leads to it. */
  readonly reached: boolean;
  readonly onFocus: (index: number) => void;
  readonly onChoose: (id: number, chosen: boolean) => void;
}

/** Drawn again only where something in it has changed, not for each step of scrolling. */
const Line = memo(function Line({ item, line, index, reached, onFocus, onChoose }: LineProps): ReactNode {
  return (
    <Check
      {...line(item)}
      tabIndex={reached ? 0 : -1}
      onFocus={() => onFocus(index)}
      onChange={(chosen) => onChoose(item.id, chosen)}
    />
  );
});

function targetOf(key: string, at: number, count: number): number | undefined {
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: count - 1 }[
    key
  ];
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
}
