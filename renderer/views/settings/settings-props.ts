import type { Settings } from '../../../core/bridge/views.ts';

/** What every group of settings gets. */
export interface SettingsProps {
  readonly settings: Settings;
  readonly change: (changes: Partial<Settings>) => void;
}
