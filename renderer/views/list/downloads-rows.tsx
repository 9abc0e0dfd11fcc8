import { ContextMenu } from '@base-ui/react/context-menu';
import type { CSSProperties, ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { text } from '../../texts/en.ts';
import { DownloadMenu } from './download-menu.tsx';
import styles from './downloads-rows.module.css';
import type { RowsInSight } from './use-rows-in-sight.ts';

/** The grid of downloads, whatever its rows look like: only those in sight are there, several may be selected, each has a menu. */
export function DownloadsRows(props: {
  readonly inSight: RowsInSight;
  readonly className: string;
  readonly style?: CSSProperties;
  readonly contentClass?: string;
  readonly rowClass: string;
  readonly columns: number;
  /** The row of heads above them; it counts as a row. */
  readonly head?: ReactNode;
  readonly row: (download: DownloadView) => ReactNode;
  readonly children?: ReactNode;
}): ReactNode {
  const { inSight, className, style, contentClass = '', rowClass, columns, head, row, children } = props;
  const { downloads, rows, scroller, virtual, tabIndex } = inSight;
  const above = head === undefined ? 0 : 1;
  return (
    <DownloadMenu onOpen={rows.onMenu}>
      <ContextMenu.Trigger
        ref={scroller}
        className={`${styles['grid']} ${className}`}
        role="grid"
        aria-label={text.list.label}
        aria-multiselectable="true"
        aria-rowcount={downloads.length + above}
        aria-colcount={columns}
        tabIndex={tabIndex}
        onKeyDown={rows.onKeyDown}
        style={style}
      >
        <div
          className={`${styles['content']} ${contentClass}`}
          role="presentation"
          style={{ height: virtual.getTotalSize() }}
        >
          {head}
          <div role="rowgroup">
            {virtual.getVirtualItems().map((item) => {
              const download = downloads[item.index];
              return (
                download && (
                  <div
                    key={download.key}
                    {...rows.props(download.key)}
                    className={`${styles['row']} ${rowClass}`}
                    style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                    aria-label={download.name}
                    aria-rowindex={item.index + 1 + above}
                  >
                    {row(download)}
                  </div>
                )
              );
            })}
          </div>
        </div>
        {children}
      </ContextMenu.Trigger>
    </DownloadMenu>
  );
}

/** Nothing is to be shown of what there is. */
export function NoMatch(): ReactNode {
  return <p className={styles['none']}>{text.list.noMatch}</p>;
}
