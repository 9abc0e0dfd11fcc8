import type { CSSProperties, ReactNode } from 'react';
import { useUi } from '../../stores/context.tsx';
import { DownloadsRows, NoMatch } from '../list/downloads-rows.tsx';
import { useRowsInSight } from '../list/use-rows-in-sight.ts';
import styles from './downloads-table.module.css';
import { TableHead, widthsOf } from './table-head.tsx';
import { TableCells } from './table-row.tsx';

const ROW_HEIGHT = 27;
const HEAD_HEIGHT = 30;

/** The downloads as a dense table, whose columns the user chooses. Only the rows in sight are there. */
export function DownloadsTable(): ReactNode {
  const columns = useUi((state) => state.columns);
  const inSight = useRowsInSight(ROW_HEIGHT, 8, HEAD_HEIGHT);
  return (
    <DownloadsRows
      inSight={inSight}
      className={styles['table'] ?? ''}
      style={{ '--columns': widthsOf(columns) } as CSSProperties}
      contentClass={styles['content'] ?? ''}
      rowClass={styles['row'] ?? ''}
      columns={columns.length}
      head={<TableHead columns={columns} table={inSight.scroller} />}
      row={(download) => <TableCells download={download} columns={columns} />}
    >
      {inSight.downloads.length === 0 && <NoMatch />}
    </DownloadsRows>
  );
}
