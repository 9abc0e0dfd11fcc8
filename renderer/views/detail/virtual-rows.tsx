import { type ComponentProps, Fragment, type ReactNode, useRef } from 'react';
import { useVirtualRows } from '../../parts/use-virtual-rows.ts';
import table from './table.module.css';

export interface VirtualRowsProps {
  readonly label: string;
  readonly count: number;
  readonly rowHeight: number;
  readonly columns: number;
  /** The cells of the table's head. */
  readonly head: ReactNode;
  readonly row: (index: number) => ReactNode;
  readonly rowKey: (index: number) => string | number;
  /** Columns of fixed proportion. */
  readonly layout?: ReactNode;
  /** For rows that are chosen or unfolded: then the table is a `treegrid`. */
  readonly rowProps?: (index: number) => ComponentProps<'tr'>;
  /** The row that is to be in sight, and is drawn wherever it is. */
  readonly at?: number;
}

/** A table that draws only the visible rows, however many it has. */
export function VirtualRows(props: VirtualRowsProps): ReactNode {
  const { label, count, rowHeight, columns, head, row, rowKey, layout, rowProps, at = -1 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualRows({
    at,
    asked: at < 0 ? undefined : rowKey(at),
    count,
    scroller,
    rowHeight,
    overscan: 8,
    getItemKey: rowKey,
  });
  const items = virtual.getVirtualItems();
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className={table['scroll']} tabIndex={0} role="group" aria-label={label}>
      <table
        className={table['table']}
        aria-label={label}
        aria-rowcount={count + 1}
        {...(rowProps && { role: 'treegrid', 'aria-multiselectable': true })}
      >
        {layout}
        <thead>
          <tr aria-rowindex={1}>{head}</tr>
        </thead>
        <tbody>
          {items.map((item, i) => {
            const before = item.start - (items[i - 1]?.end ?? 0);
            return (
              <Fragment key={item.key}>
                {before > 0 && <Spacer height={before} columns={columns} />}
                <tr aria-rowindex={item.index + 2} style={{ height: rowHeight }} {...rowProps?.(item.index)}>
                  {row(item.index)}
                </tr>
              </Fragment>
            );
          })}
          {after > 0 && <Spacer height={after} columns={columns} />}
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ height, columns }: { readonly height: number; readonly columns: number }): ReactNode {
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
