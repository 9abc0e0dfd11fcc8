import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useUi } from '../../stores/context.tsx';
import { ui } from '../../stores/ui-store.ts';
import { usePhone } from '../frame/use-narrow.ts';
import { DownloadRow } from './download-row.tsx';
import styles from './downloads-grid.module.css';
import { DownloadsRows, NoMatch } from './downloads-rows.tsx';
import { useRowsInSight } from './use-rows-in-sight.ts';

const ROW_HEIGHT = 75;

/** The list of downloads: a grid of one column in which several rows may be selected. */
export function DownloadsGrid({ narrow }: { readonly narrow: boolean }): ReactNode {
  const phone = usePhone();
  const selecting = useUi((state) => state.selecting) && phone;
  const inSight = useRowsInSight(ROW_HEIGHT, 6);
  if (inSight.downloads.length === 0 && ui.getState().search !== '') return <NoMatch />;
  return (
    <DownloadsRows
      inSight={inSight}
      className={styles['grid'] ?? ''}
      rowClass={`${styles['row']} ${narrow ? styles['narrow'] : ''} ${selecting ? styles['selecting'] : ''}`}
      columns={1}
      row={(download) => (
        <>
          {selecting && (
            <span className={styles['mark']} aria-hidden="true">
              {inSight.rows.selected.has(download.key) && <Check />}
            </span>
          )}
          <div role="gridcell" className={styles['cell']}>
            <DownloadRow download={download} narrow={narrow} />
          </div>
        </>
      )}
    />
  );
}
