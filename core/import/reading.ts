import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { Disk } from '../ports/disk.ts';
import type { ClientName, Found } from './found.ts';

/** What became of one record: a torrent, or why it cannot be taken. */
export type Reading = Found | { readonly client: ClientName; readonly record: string; readonly refused: string };

/** A record of a torrent of 500,000 pieces has a byte or two for each, and its hashes. */
const MAX_RECORD = MAX_TORRENT_BYTES;
const MAX_SMALL = 4 * 1024 * 1024;

/** What may be missing, or too long to be what it should. */
export const small = (disk: Disk, path: string): Promise<Uint8Array | undefined> =>
  disk.readFile(path, MAX_SMALL).catch(() => undefined);

export async function present(disk: Disk, path: string): Promise<Uint8Array> {
  const data = await disk.readFile(path, MAX_RECORD);
  if (data !== undefined) return data;
  throw new EnsembleError('invalid-torrent', `There is no ${path}.`);
}

/** One bad record must not stop the others. */
export async function reading(client: ClientName, record: string, read: () => Promise<Found>): Promise<Reading> {
  try {
    return await read();
  } catch (error) {
    return { client, record, refused: messageOf(error) };
  }
}
