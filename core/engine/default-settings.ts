import type { Settings } from './settings.ts';

/** The settings of somebody who has changed none. `folder` is absolute: where downloads go. */
export function defaultSettings(folder: string): Settings {
  return {
    folder,
    identities: 4,
    selection: 'rarest',
    share: true,
    assemble: true,
    layout: 'in-place',
    seed: { kind: 'never' },
    port: 0,
    bind: [],
    down: 0,
    up: 0,
    maxUploads: 4,
    maxPeers: 80,
    appearance: 'system',
    logLevel: 'info',
    lastChoices: null,
  };
}
