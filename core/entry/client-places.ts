import path from 'node:path';
import { usualPlaces } from '../import/places.ts';
import { homeFolder } from './system-folders.ts';

/** Where other clients of this user keep their torrents unless told otherwise. */
export function placesOfClients(env: Readonly<Record<string, string | undefined>>): string[] {
  let home: string | undefined;
  try {
    home = homeFolder();
  } catch {
    // What is not below a home may still be there.
  }
  return usualPlaces({ platform: process.platform, home, env }).filter((place) => path.isAbsolute(place));
}
