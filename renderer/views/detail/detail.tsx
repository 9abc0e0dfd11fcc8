import { type ReactNode, useEffect } from 'react';
import type { DetailPart, DownloadView } from '../../../core/bridge/views.ts';
import { useServices, useUi } from '../../stores/context.tsx';
import type { DetailTab } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import styles from './detail.module.css';
import { Stats } from './stats.tsx';
import { Head } from './head.tsx';
import { MapCard } from './map-card.tsx';
import { DetailTabs } from './tabs.tsx';

/** What each tab shows besides the map and its tooltips. */
const PARTS: Readonly<Record<DetailTab, readonly DetailPart[]>> = {
  info: [],
  identities: [],
  peers: ['peers'],
  files: [],
  sources: ['sources'],
  graph: ['history'],
  log: ['log'],
};

/** One download in full. */
export function Detail({ download }: { readonly download: DownloadView }): ReactNode {
  const tab = useUi((state) => state.tab);
  const { mirror } = useServices();
  const { key } = download;
  useEffect(() => mirror.watch(key, ['map', 'identities', 'files', ...PARTS[tab]]), [mirror, key, tab]);
  useEffect(() => () => mirror.watch(undefined), [mirror]);
  return (
    <section className={styles['detail']} aria-label={text.detail.label(download.name)} id="detail" tabIndex={-1}>
      <Head download={download} />
      <Stats download={download} />
      <MapCard download={download} />
      <DetailTabs download={download} />
    </section>
  );
}
