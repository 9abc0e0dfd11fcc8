import { memo, type ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { PieceMap } from '../../pieces/piece-map.tsx';
import { useOverview } from '../../pieces/use-overview.ts';
import { type Column, isNumeric } from '../../stores/columns.ts';
import { text } from '../../texts/en.ts';
import { isStill, toneOf } from '../list/row-text.ts';
import { cellText } from './cell-text.ts';
import styles from './downloads-table.module.css';
import tones from '../../parts/tones.module.css';

/** The cells of a row. */
export const TableCells = memo(function TableCells(props: {
  readonly download: DownloadView;
  readonly columns: readonly Column[];
}): ReactNode {
  const { download, columns } = props;
  return columns.map(({ id }, at) => {
    const words = cellText(download, id, format);
    const look = isNumeric(id) ? styles['number'] : id === 'state' ? tones[toneOf(download)] : styles[id];
    return (
      <div key={id} role="gridcell" aria-colindex={at + 1} className={`${styles['cell']} ${look ?? ''}`} title={words}>
        {id === 'progress' ? <Progress download={download} percent={words} /> : words}
      </div>
    );
  });
});

function Progress({ download, percent }: { readonly download: DownloadView; readonly percent: string }): ReactNode {
  const overview = useOverview(download.overview);
  return (
    <>
      <PieceMap data={overview} size="line" grey={isStill(download)} label={text.list.overview(download.name)} />
      <span className={styles['percent']}>{percent}</span>
    </>
  );
}
