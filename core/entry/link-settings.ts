import type { LinkProfile } from '../engine/link-profiles.ts';
import { defaultSettings } from '../engine/settings.ts';
import { NodeDisk } from '../node/disk.ts';
import { openSettings } from './settings-file.ts';

/** The links that have names in the settings of this state folder (absolute). Rejects where these are damaged or newer. */
export async function readLinks(stateFolder: string): Promise<readonly LinkProfile[]> {
  const folders = { permit: (folder: string) => Promise.resolve(folder) };
  const settings = await openSettings(new NodeDisk(), stateFolder, defaultSettings('/'), folders);
  return settings.current.linkProfiles;
}
