import type { ReactNode } from 'react';
import { Cards } from '../../parts/choice.tsx';
import { text } from '../../texts/en.ts';
import { DesktopSettings } from './desktop-settings.tsx';
import type { SettingsProps } from './settings-props.ts';

const words = text.settings;
const APPEARANCES = (['system', 'light', 'dark'] as const).map((value) => ({ value, name: words.appearances[value] }));

/** Light or dark, and what the desktop application does around its window. */
export function LookSettings({ settings, change }: SettingsProps): ReactNode {
  return (
    <>
      <Cards
        label={words.appearance}
        value={settings.appearance}
        options={APPEARANCES}
        onChange={(appearance) => change({ appearance })}
      />
      <DesktopSettings settings={settings} change={change} />
    </>
  );
}
