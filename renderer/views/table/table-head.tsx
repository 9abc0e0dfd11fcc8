import { ArrowDown, ArrowUp } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, type RefObject, useRef } from 'react';
import { boundedWidth, type Column, type ColumnId, isNumeric, moved, sized } from '../../stores/columns.ts';
import { useUi } from '../../stores/context.tsx';
import { isFalling } from '../../stores/sort.ts';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './downloads-table.module.css';
import { dragging } from './dragging.ts';

/** Pixels by which a key sizes a column. */
const STEP = 16;
/** Pixels after which a press on a head means to move it. */
const SLACK = 6;

/** The columns of all rows, and what is left of the width. */
export const widthsOf = (columns: readonly Column[]): string =>
  `${columns.map(({ width }) => `${width}px`).join(' ')} minmax(0, 1fr)`;

export function TableHead(props: {
  readonly columns: readonly Column[];
  /** The element that has the columns' widths. */
  readonly table: RefObject<HTMLElement | null>;
}): ReactNode {
  const { columns } = props;
  return (
    <div role="rowgroup" className={styles['head']}>
      <div role="row" aria-rowindex={1} className={styles['headRow']}>
        {columns.map((column, at) => (
          <Head key={column.id} column={column} at={at} {...props} />
        ))}
      </div>
    </div>
  );
}

interface HeadProps {
  readonly column: Column;
  readonly at: number;
  readonly columns: readonly Column[];
  readonly table: RefObject<HTMLElement | null>;
}

function Head({ column, at, columns, table }: HeadProps): ReactNode {
  const { id } = column;
  const sort = useUi((state) => state.sort);
  const reverse = useUi((state) => state.reverse);
  const wasMoved = useRef(false);
  const falling = isFalling(id, sort === id && reverse);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // What else the table's rows do with a key is not meant here.
    event.stopPropagation();
    if (by === undefined || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const now = event.shiftKey ? sized(columns, id, column.width + by * STEP) : moved(columns, id, at + by);
    ui.setState({ columns: now });
  };
  const onPointerDown = (event: React.PointerEvent<HTMLElement>): void => {
    wasMoved.current = false;
    const heads = [...(event.currentTarget.parentElement?.parentElement?.children ?? [])];
    const place = (x: number): number =>
      heads.filter((head, i) => i !== at && x > head.getBoundingClientRect().left + head.clientWidth / 2).length;
    dragging(event, {
      move: (by) => (wasMoved.current ||= Math.abs(by) > SLACK),
      end: (_by, x) => wasMoved.current && ui.setState({ columns: moved(columns, id, place(x)) }),
    });
  };
  return (
    <div
      role="columnheader"
      aria-colindex={at + 1}
      aria-sort={sort !== id ? 'none' : falling ? 'descending' : 'ascending'}
      className={`${styles['headCell']} ${isNumeric(id) ? styles['number'] : ''}`}
    >
      <button
        type="button"
        className={styles['sort']}
        title={text.table.columns[id]}
        aria-description={text.table.headKeys}
        onPointerDown={onPointerDown}
        onKeyDown={onKeyDown}
        onClick={() => !wasMoved.current && sortBy(id)}
      >
        <span className={styles['title']}>{text.table.columns[id]}</span>
        {sort === id && (falling ? <ArrowDown aria-hidden="true" /> : <ArrowUp aria-hidden="true" />)}
      </button>
      <span
        className={styles['edge']}
        onPointerDown={(event) => {
          const sizedBy = (by: number): readonly Column[] => sized(columns, id, boundedWidth(column.width + by));
          dragging(event, {
            // All rows follow without being drawn again.
            move: (by) => table.current?.style.setProperty('--columns', widthsOf(sizedBy(by))),
            end: (by) => ui.setState({ columns: sizedBy(by) }),
          });
        }}
      />
    </div>
  );
}

/** Sorts by a column; by the same one again: the other way round. */
function sortBy(id: ColumnId): void {
  ui.setState(({ sort, reverse }) => ({ sort: id, reverse: sort === id && !reverse }));
}
