import { Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DownloadView } from '../../../core/bridge/views.ts';
import { Button } from '../../parts/button.tsx';
import { useActions, useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import { NodesTable } from './nodes-table.tsx';
import { sourceRows } from './source-rows.ts';
import { SourcesTable } from './sources-table.tsx';
import styles from './sources-tab.module.css';
import table from './table.module.css';
import { TrackersTable } from './trackers-table.tsx';
import { WebSeedsTable } from './web-seeds-table.tsx';

const words = text.detail.sources;

/** Where the peers come from: all sources, then the trackers one by one, then our nodes in the DHT. */
export function SourcesTab({ download }: { readonly download: DownloadView }): ReactNode {
  const sources = useBridge((state) => state.detail?.sources);
  const identities = useBridge((state) => state.detail?.identities);
  const settings = useBridge((state) => state.app?.settings);
  const actions = useActions();
  // It has not been told yet.
  if (!sources || !identities || !settings) return null;
  const idle = sources.trackers.length + sources.ways.length + sources.webSeeds.length === 0;
  if (idle) return <p className={table['empty']}>{words.quiet}</p>;
  const several = identities.length > 1;
  const rows = sourceRows({ sources, identities, download, ways: settings });
  return (
    <>
      <div className={table['scroll']} tabIndex={0} role="group" aria-label={words.table}>
        {download.private && <p className={styles['private']}>{words.private}</p>}
        <SourcesTable rows={rows} />
        {sources.trackers.length > 0 && <TrackersTable trackers={sources.trackers} several={several} />}
        {sources.webSeeds.length > 0 && <WebSeedsTable seeds={sources.webSeeds} several={several} />}
        {!download.private && sources.nodes.length > 0 && <NodesTable nodes={sources.nodes} />}
      </div>
      <div className={styles['foot']}>
        <Button icon={<Radio />} onClick={() => actions.announce([download.key])}>
          {words.announce}
        </Button>
      </div>
    </>
  );
}
