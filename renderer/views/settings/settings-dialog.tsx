import { Tabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { text } from '../../texts/en.ts';
import tabs from '../detail/tabs.module.css';
import styles from './settings-dialog.module.css';
import type { SettingsProps } from './settings-props.ts';
import { CategorySettings } from './category-settings.tsx';
import { FeedSettings } from './feeds/feed-settings.tsx';
import { LimitSettings } from './limit-settings.tsx';
import { LinkSettings } from './link-settings.tsx';
import { LogSettings } from './log-settings.tsx';
import { LookSettings } from './look-settings.tsx';
import { NetworkSettings } from './network-settings.tsx';
import { NewDownloadSettings } from './new-download-settings.tsx';
import { QueueSettings } from './queue-settings.tsx';
import { StatisticsTable } from './statistics-table.tsx';
import { useSettings } from './use-settings.ts';
import { WatchSettings } from './watch-settings.tsx';

const words = text.settings;
/** The groups in the order of their tabs: a setting belongs to one of them, a new group is one more line here. */
const GROUPS: readonly (readonly [keyof typeof words.tabs, (props: SettingsProps) => ReactNode])[] = [
  ['downloads', NewDownloadSettings],
  ['queue', QueueSettings],
  ['limits', LimitSettings],
  ['categories', CategorySettings],
  ['watched', WatchSettings],
  ['feeds', FeedSettings],
  ['links', LinkSettings],
  ['network', NetworkSettings],
  ['look', LookSettings],
  ['log', LogSettings],
  ['statistics', StatisticsTable],
];

/** Settings for all downloads; each change applies at once. */
export function SettingsDialog(props: {
  readonly first?: 'links' | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const { first = 'downloads', onClose } = props;
  const shown = useSettings();
  if (!shown) return null;
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
      <Tabs.Root defaultValue={first} className={styles['tabs']}>
        <Tabs.List className={tabs['list']} aria-label={words.title}>
          {GROUPS.map(([name]) => (
            <Tabs.Tab key={name} value={name} className={tabs['tab']}>
              {words.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {GROUPS.map(([name, Group]) => (
          <Tabs.Panel key={name} value={name} className={styles['panel']}>
            <Group {...shown} />
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </Dialog>
  );
}
