import { ContextMenu } from '@base-ui/react/context-menu';
import type { CSSProperties, ReactNode } from 'react';
import { useUi } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { DownloadMenu } from '../list/download-menu.tsx';
import { useRowsInSight } from '../list/use-rows-in-sight.ts';
import styles from './downloads-table.module.css';
import { TableCells } from './table-row.tsx';
import { TableHead, widthsOf } from './table-head.tsx';

const ROW_HEIGHT = 27;
const HEAD_HEIGHT = 30;

/** The downloads as a dense table, whose columns the user chooses. Only the rows in sight are there. */
export function DownloadsTable(): ReactNode {
  const columns = useUi((state) => state.columns);
  const { downloads, rows, scroller, virtual, tabIndex } = useRowsInSight(ROW_HEIGHT, 8, HEAD_HEIGHT);

  const widths = { '--columns': widthsOf(columns) } as CSSProperties;
  return (
    <DownloadMenu onOpen={rows.onMenu}>
      <ContextMenu.Trigger
        ref={scroller}
        className={styles['table']}
        role="grid"
        aria-label={text.list.label}
        aria-multiselectable="true"
        aria-rowcount={downloads.length + 1}
        aria-colcount={columns.length}
        tabIndex={tabIndex}
        onKeyDown={rows.onKeyDown}
        style={widths}
      >
        <div className={styles['content']} role="presentation" style={{ height: virtual.getTotalSize() }}>
          <TableHead columns={columns} table={scroller} />
          <div role="rowgroup">
            {virtual.getVirtualItems().map((item) => {
              const download = downloads[item.index];
              return (
                download && (
                  <div
                    key={download.key}
                    {...rows.props(download.key)}
                    className={styles['row']}
                    style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                    aria-label={download.name}
                    aria-rowindex={item.index + 2}
                  >
                    <TableCells download={download} columns={columns} />
                  </div>
                )
              );
            })}
          </div>
        </div>
        {downloads.length === 0 && <p className={styles['none']}>{text.list.noMatch}</p>}
      </ContextMenu.Trigger>
    </DownloadMenu>
  );
}
