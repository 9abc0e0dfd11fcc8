import * as v from 'valibot';
import { bytesPerSecond } from '../base/ids.ts';
import type { RateLimits } from '../engine/statuses.ts';
import type { Disk } from '../ports/disk.ts';
import { readVersioned, writeVersioned } from './versioned-file.ts';

const VERSION = 1;
const rate = v.pipe(v.number(), v.minValue(0), v.transform(bytesPerSecond));
const schema = v.object({ limits: v.object({ down: rate, up: rate }) });

/** What holds for all downloads. */
export interface Settings {
  readonly limits: RateLimits;
}

export const DEFAULT_SETTINGS: Settings = { limits: { down: bytesPerSecond(0), up: bytesPerSecond(0) } };

/** Reads `settings.json` of the state folder; the defaults where there is none. Rejects for one that is newer or damaged. */
export async function readSettings(disk: Disk, stateFolder: string): Promise<Settings> {
  return (await readVersioned(disk, `${stateFolder}/settings.json`, VERSION, schema)) ?? DEFAULT_SETTINGS;
}

export async function writeSettings(disk: Disk, stateFolder: string, settings: Settings): Promise<void> {
  await writeVersioned(disk, `${stateFolder}/settings.json`, VERSION, { ...settings });
}
