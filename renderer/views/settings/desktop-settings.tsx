import type { ReactNode } from 'react';
import { Check } from '../../parts/choice.tsx';
import { useBridge } from '../../stores/context.tsx';
import { text } from '../../texts/en.ts';
import type { SettingsProps } from './settings-props.ts';
import styles from './settings-dialog.module.css';

const words = text.settings.desktop;

/** What the desktop application does without its window. */
export function DesktopSettings({ settings, change }: SettingsProps): ReactNode {
  const shell = useBridge((state) => state.app?.app.shell);
  if (shell?.kind !== 'desktop') return null;
  const mac = shell.platform === 'darwin';
  return (
    <div className={styles['checks']} role="group" aria-label={words.label}>
      <Check
        label={mac ? words.keepRunningOnMac : words.keepRunning}
        {...(!mac && { hint: words.keepRunningHint })}
        checked={settings.keepRunning}
        onChange={(keepRunning) => change({ keepRunning })}
      />
      <Check
        label={words.startAtLogin}
        hint={words.startAtLoginHint}
        checked={settings.startAtLogin}
        onChange={(startAtLogin) => change({ startAtLogin })}
      />
    </div>
  );
}
