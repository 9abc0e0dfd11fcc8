import type { Settings } from '../../../core/engine/settings.ts';

/** What every group of settings gets. */
export interface SettingsProps {
  readonly settings: Settings;
  readonly change: (changes: Partial<Settings>) => void;
}
