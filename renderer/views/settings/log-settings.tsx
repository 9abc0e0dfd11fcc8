import type { ReactNode } from 'react';
import { Cards } from '../../parts/choice.tsx';
import { text } from '../../texts/en.ts';
import type { SettingsProps } from './settings-props.ts';
import styles from './settings-dialog.module.css';

const words = text.settings;
const LEVELS = (['error', 'warn', 'info'] as const).map((value) => ({ value, name: words.logLevels[value] }));

/** How much is written to the log file. */
export function LogSettings({ settings, change }: SettingsProps): ReactNode {
  return (
    <>
      <Cards
        label={words.logLevel}
        value={settings.logLevel}
        options={LEVELS}
        onChange={(logLevel) => change({ logLevel })}
      />
      <p className={styles['hint']}>{words.logHint}</p>
    </>
  );
}
