import { type AddOptions, OFFERED_OPTIONS } from '../download-options.ts';
import type { DownloadOptions } from '../engine.ts';
import { fakeOptions } from './moving-download.ts';

/** What a window says of a new download. */
export function offeredOptions(changes: Partial<DownloadOptions> = {}): AddOptions {
  const all = fakeOptions(changes);
  const chosen = OFFERED_OPTIONS.filter((name) => all[name] !== undefined);
  return Object.fromEntries(chosen.map((name) => [name, all[name]])) as unknown as AddOptions;
}
