import { Tabs } from '@base-ui/react/tabs';
import { lazy, type ReactNode, Suspense } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { format } from '../../format/format.ts';
import { useUi } from '../../stores/context.tsx';
import { hasSeveral } from '../../stores/list.ts';
import { type DetailTab, tabFor, tabsOf, ui } from '../../stores/ui-store.ts';
import { text } from '../../texts/en.ts';
import { FilesTab } from '../files/files-tab.tsx';
import { IdentitiesTab } from './identities-tab.tsx';
import { InfoTab } from './info-tab.tsx';
import { LogTab } from './log-tab.tsx';
import { PeersTab } from './peers-tab.tsx';
import { SourcesTab } from './sources-tab.tsx';
import styles from './tabs.module.css';

/** The graph's library is loaded when the graph is first shown. */
const GraphTab = lazy(async () => ({ default: (await import('./graph-tab.tsx')).GraphTab }));

/** What is shown of a download besides its map. */
export function DetailTabs({ download }: { readonly download: DownloadView }): ReactNode {
  const { peers, files, options } = download;
  const areSeveral = hasSeveral(download);
  const tab = tabFor(
    useUi((state) => state.tab),
    areSeveral,
  );
  const counts: Partial<Record<DetailTab, number>> = { peers, files };
  const words = text.detail.tabs;
  return (
    <Tabs.Root className={styles['root']} value={tab} onValueChange={(value: DetailTab) => ui.setState({ tab: value })}>
      <Tabs.List className={styles['list']} aria-label={words.label}>
        {tabsOf(areSeveral).map((one) => (
          <Tabs.Tab key={one} value={one} className={styles['tab']} aria-label={words[one]}>
            {words[one]}
            {counts[one] !== undefined && <span className={styles['count']}>{format.count(counts[one])}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Panel value="info">
        <InfoTab download={download} />
      </Panel>
      <Panel value="identities">
        <IdentitiesTab download={download} />
      </Panel>
      <Panel value="peers">
        <PeersTab several={options.identities > 1} />
      </Panel>
      <Panel value="files">
        <FilesTab download={download} />
      </Panel>
      <Panel value="sources">
        <SourcesTab download={download} />
      </Panel>
      <Panel value="graph">
        <Suspense fallback={null}>
          <GraphTab download={download} />
        </Suspense>
      </Panel>
      <Panel value="log">
        <LogTab />
      </Panel>
    </Tabs.Root>
  );
}

function Panel({ value, children }: { readonly value: DetailTab; readonly children: ReactNode }): ReactNode {
  return (
    <Tabs.Panel value={value} className={styles['panel']} tabIndex={-1}>
      {children}
    </Tabs.Panel>
  );
}
