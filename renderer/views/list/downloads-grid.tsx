import { ContextMenu } from '@base-ui/react/context-menu';
import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { usePhone } from '../frame/use-narrow.ts';
import { DownloadMenu } from './download-menu.tsx';
import { DownloadRow } from './download-row.tsx';
import styles from './downloads-grid.module.css';
import { useRowsInSight } from './use-rows-in-sight.ts';

const ROW_HEIGHT = 75;

/** The list of downloads: a grid of one column in which several rows may be selected. */
export function DownloadsGrid({ narrow }: { readonly narrow: boolean }): ReactNode {
  const phone = usePhone();
  const selecting = useUi((state) => state.selecting) && phone;
  const { downloads, rows, scroller, virtual, tabIndex } = useRowsInSight(ROW_HEIGHT, 6);

  if (downloads.length === 0 && ui.getState().search !== '')
    return <p className={styles['none']}>{text.list.noMatch}</p>;
  return (
    <DownloadMenu onOpen={rows.onMenu}>
      <ContextMenu.Trigger
        ref={scroller}
        className={styles['grid']}
        role="grid"
        aria-label={text.list.label}
        aria-multiselectable="true"
        aria-rowcount={downloads.length}
        aria-colcount={1}
        tabIndex={tabIndex}
        onKeyDown={rows.onKeyDown}
      >
        <div className={styles['rows']} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const download = downloads[item.index];
            return (
              download && (
                <div
                  key={download.key}
                  {...rows.props(download.key)}
                  className={`${styles['row']} ${narrow ? styles['narrow'] : ''} ${selecting ? styles['selecting'] : ''}`}
                  style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                  aria-label={download.name}
                  aria-rowindex={item.index + 1}
                >
                  {selecting && (
                    <span className={styles['mark']} aria-hidden="true">
                      {rows.selected.has(download.key) && <Check />}
                    </span>
                  )}
                  <div role="gridcell" className={styles['cell']}>
                    <DownloadRow download={download} narrow={narrow} />
                  </div>
                </div>
              )
            );
          })}
        </div>
      </ContextMenu.Trigger>
    </DownloadMenu>
  );
}
