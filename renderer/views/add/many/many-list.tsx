import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef, useState } from 'react';
import { format } from '../../../format/format.ts';
import { Check } from '../../../parts/choice.tsx';
import { text } from '../../../texts/en.ts';
import styles from './many.module.css';
import { isOpen, type Row } from './rows.ts';

const words = text.many;
/** Height of a row before it is measured: names and sentences may need several lines. */
const ROW = 42;
const PAGE = 6;

/** The torrents, each with its checkbox. It is one stop for the Tab key; arrow keys, Home and End go from row to row. */
export function ManyList(props: {
  readonly rows: readonly Row[];
  readonly onChoose: (id: number, chosen: boolean) => void;
}): ReactNode {
  const { rows, onChoose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  /** A key has moved the focus to a row that may not be drawn yet. */
  const moved = useRef(false);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const current = Math.min(at, rows.length - 1);
  const items = virtual.getVirtualItems();
  const drawn = items.some(({ index }) => index === current);
  useEffect(() => {
    if (!moved.current || !drawn) return;
    moved.current = false;
    scroller.current
      ?.querySelector<HTMLInputElement>(`[data-index="${current}"] input`)
      ?.focus({ preventScroll: true });
  }, [current, drawn]);
  const go = (event: KeyboardEvent): void => {
    const to = targetOf(event.key, current, rows.length);
    if (to === undefined) return;
    event.preventDefault();
    if (to === current) return;
    moved.current = true;
    setAt(to);
    virtual.scrollToIndex(to);
  };
  return (
    <div ref={scroller} className={styles['list']} role="group" aria-label={words.list} onKeyDown={go}>
      <div className={styles['rows']} role="list" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ key, index, start }) => {
          const row = rows[index];
          return (
            row && (
              <ListRow
                key={key}
                row={row}
                index={index}
                count={rows.length}
                start={start}
                // Where the focus would be is out of sight, the first row in sight can be reached.
                reached={index === (drawn ? current : items[0]?.index)}
                measure={virtual.measureElement}
                onFocus={setAt}
                onChoose={onChoose}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** Drawn again only where something in it has changed, not for each step of scrolling. */
const ListRow = memo(function ListRow(props: {
  readonly row: Row;
  readonly index: number;
  readonly count: number;
  /** Pixels from the top. */
  readonly start: number;
  /** The Tab key leads to it. */
  readonly reached: boolean;
  readonly measure: (element: Element | null) => void;
  readonly onFocus: (index: number) => void;
  readonly onChoose: (id: number, chosen: boolean) => void;
}): ReactNode {
  const { row, index, count, start, reached, measure, onFocus, onChoose } = props;
  const open = isOpen(row);
  return (
    <div
      ref={measure}
      data-index={index}
      role="listitem"
      aria-setsize={count}
      aria-posinset={index + 1}
      className={styles['row']}
      style={{ transform: `translateY(${start}px)` }}
    >
      <Check
        label={row.name}
        hint={<Told row={row} />}
        checked={row.chosen && (open || row.fate.kind === 'reading' || row.fate.kind === 'adding')}
        fixed={!open}
        tabIndex={reached ? 0 : -1}
        onFocus={() => onFocus(index)}
        onChange={(chosen) => onChoose(row.id, chosen)}
      />
    </div>
  );
});

function targetOf(key: string, at: number, count: number): number | undefined {
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: count - 1 }[
    key
  ];
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
}

/** What is in it, and what becomes of it. */
function Told({ row }: { readonly row: Row }): ReactNode {
  const { fate } = row;
  const facts = factsOf(row);
  const word = 'why' in fate ? fate.why : fate.kind === 'ready' ? '' : words.fates[fate.kind];
  return (
    <>
      {facts}
      {facts !== '' && word !== '' && ' · '}
      {word !== '' && <span className={styles[fate.kind]}>{word}</span>}
    </>
  );
}

function factsOf({ facts }: Row): string {
  if (facts === undefined) return '';
  const { length, files, renamed, notes } = facts;
  return [
    length === null ? words.magnet : format.bytes(length),
    length === null ? undefined : words.files(files, format.count(files)),
    facts.private ? text.add.facts.private : undefined,
    renamed + notes > 0 ? text.add.odd(renamed, format.count(renamed), notes) : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}
