import { Tabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { Button } from '../../parts/button.tsx';
import { Cards } from '../../parts/choice.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useActions, useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import tabs from '../detail/tabs.module.css';
import styles from './settings-dialog.module.css';
import type { SettingsProps } from './settings-props.ts';
import { CategorySettings } from './category-settings.tsx';
import { LimitSettings } from './limit-settings.tsx';
import { NetworkSettings } from './network-settings.tsx';
import { NewDownloadSettings } from './new-download-settings.tsx';
import { QueueSettings } from './queue-settings.tsx';
import { StatisticsTable } from './statistics-table.tsx';
import { WatchSettings } from './watch-settings.tsx';

const words = text.settings;
const APPEARANCES = (['system', 'light', 'dark'] as const).map((value) => ({ value, name: words.appearances[value] }));
const LEVELS = (['error', 'warn', 'info'] as const).map((value) => ({ value, name: words.logLevels[value] }));

/** Settings for all downloads; each change applies at once. */
export function SettingsDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const settings = useBridge((state) => state.app?.settings);
  const actions = useActions();
  if (!settings) return null;
  const props: SettingsProps = { settings, change: actions.changeSettings };
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.title}
      onSubmit={onClose}
      footer={
        <>
          <span className={styles['saved']}>{words.saved}</span>
          <Button type="submit" tone="primary">
            {words.done}
          </Button>
        </>
      }
    >
      <Tabs.Root defaultValue="downloads" className={styles['tabs']}>
        <Tabs.List className={tabs['list']} aria-label={words.title}>
          {(
            ['downloads', 'queue', 'limits', 'categories', 'watched', 'network', 'look', 'log', 'statistics'] as const
          ).map((one) => (
            <Tabs.Tab key={one} value={one} className={tabs['tab']}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="downloads" className={styles['panel']}>
          <NewDownloadSettings {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="queue" className={styles['panel']}>
          <QueueSettings {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="limits" className={styles['panel']}>
          <LimitSettings {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="categories" className={styles['panel']}>
          <CategorySettings {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="watched" className={styles['panel']}>
          <WatchSettings {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="network" className={styles['panel']}>
          <NetworkSettings {...props} />
        </Tabs.Panel>
        <Tabs.Panel value="look" className={styles['panel']}>
          <Cards
            label={words.appearance}
            value={settings.appearance}
            options={APPEARANCES}
            onChange={(appearance) => props.change({ appearance })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="log" className={styles['panel']}>
          <Cards
            label={words.logLevel}
            value={settings.logLevel}
            options={LEVELS}
            onChange={(logLevel) => props.change({ logLevel })}
          />
          <p className={styles['hint']}>{words.logHint}</p>
        </Tabs.Panel>
        <Tabs.Panel value="statistics" className={styles['panel']}>
          <StatisticsTable />
        </Tabs.Panel>
      </Tabs.Root>
    </Dialog>
  );
}
