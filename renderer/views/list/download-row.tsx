import { memo, type ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { PieceMap } from '../../pieces/piece-map.tsx';
import { useOverview } from '../../pieces/use-overview.ts';
import { text } from '../../texts/en.ts';
import styles from './download-row.module.css';
import { shareOf } from '../../stores/figures.ts';
import { isFailed, isStill, rowText, shortName } from './row-text.ts';
import tones from '../../parts/tones.module.css';

/** One download of the list: its name, its pieces as a line, what it does. */
export const DownloadRow = memo(function DownloadRow(props: {
  readonly download: DownloadView;
  readonly narrow: boolean;
}): ReactNode {
  const { download, narrow } = props;
  const overview = useOverview(download.overview);
  const words = rowText(download, format);
  const percent = format.percent(shareOf(download));
  const line = (
    <PieceMap
      data={overview}
      size="line"
      grey={isStill(download)}
      label={text.list.overview(download.name)}
      description={percent}
      className={styles['line']}
    />
  );
  if (narrow) {
    return (
      <span className={styles['narrow']} title={download.name}>
        <span className={styles['short']}>{shortName(download.name)}</span>
        {line}
        <span className={`${styles['state']} ${tones[words.tone] ?? ''}`}>{percent}</span>
      </span>
    );
  }
  return (
    <>
      <span className={styles['name']} title={download.name}>
        {download.name}
      </span>
      {isFailed(download) ? null : line}
      <span className={`${styles['words']} ${isFailed(download) ? styles['why'] : ''}`}>
        <span className={styles['left']} title={isFailed(download) ? download.error?.message : undefined}>
          <span className={tones[words.tone]}>{words.state}</span>
          {words.figures !== '' && <span title={words.figures}> · {words.figures}</span>}
        </span>
        <span className={styles['right']}>{words.right}</span>
      </span>
    </>
  );
});
