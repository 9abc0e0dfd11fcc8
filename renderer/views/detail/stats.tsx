import type { ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { text } from '../../texts/en.ts';
import { ratioOf, shareOf } from '../../stores/figures.ts';
import styles from './stats.module.css';

/** The most important figures; columns keep their width, so that nothing jumps. */
export function Stats({ download }: { readonly download: DownloadView }): ReactNode {
  const words = text.detail.stats;
  const over = download.piecesToGo === 0 && download.piecesTotal > 0;
  const flowing = download.state === 'downloading' || download.state === 'seeding' || download.state === 'metadata';
  const { bytesWanted } = download;
  const last = over
    ? ([words.took, format.span(download.active)] as const)
    : ([words.left, download.timeLeft === null ? text.none : format.span(Math.max(1000, download.timeLeft))] as const);
  return (
    <dl className={styles['stats']}>
      <Stat name={words.complete} value={format.percent(shareOf(download), 1)} />
      <Stat name={words.of(format.bytes(bytesWanted))} value={format.bytes(download.bytesHave)} wide />
      <Stat name={words.down} value={flowing && !over ? format.rate(download.down) : text.none} wide />
      <Stat name={words.up} value={flowing ? format.rate(download.up) : text.none} wide />
      <Stat name={last[0]} value={last[1]} wide />
      {over && <Stat name={words.ratio} value={format.ratio(ratioOf(download))} />}
      {download.options.identities > 1 && <Stat name={words.twice} value={format.count(download.duplicatePieces)} />}
      {download.hashFailures > 0 && <Stat name={words.failedHash} value={format.count(download.hashFailures)} />}
    </dl>
  );
}

/** A figure and its name. */
export function Stat(props: { readonly name: string; readonly value: string; readonly wide?: boolean }): ReactNode {
  return (
    <div className={`${styles['stat']} ${props.wide ? styles['wide'] : ''}`}>
      <dt className={styles['label']}>{props.name}</dt>
      <dd className={styles['value']}>{props.value}</dd>
    </div>
  );
}
