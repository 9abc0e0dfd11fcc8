import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Events } from '../core/bridge/contract.ts';
import { MAX_TORRENT_BYTES } from '../core/base/bounds.ts';
import { messageOf } from '../core/base/errors.ts';
import { isMagnetLink } from '../core/base/magnet-link.ts';

type Offer = Events['offer'];

/** A dialog with more sentences than this may be larger than the screen. */
const MOST_SENTENCES = 8;

/** Reads what was opened from outside, a .torrent file or a magnet link; rejects with a sentence where it cannot be read. */
export async function readOffer(source: string): Promise<Offer> {
  if (isMagnetLink(source)) return { source: { kind: 'magnet', link: source }, fileName: null };
  const fileName = path.basename(source);
  try {
    const file = await open(source, 'r');
    try {
      const { size } = await file.stat();
      if (size > MAX_TORRENT_BYTES)
        throw new Error(`it has ${size} bytes; a .torrent file has at most ${MAX_TORRENT_BYTES}`);
      const data = new Uint8Array(size);
      const { bytesRead } = await file.read(data, 0, size, 0);
      return { source: { kind: 'torrent', data: data.subarray(0, bytesRead) }, fileName };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`${source} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** What one dialog says about all that could not be opened together. */
export function failureText(failures: readonly string[]): string {
  const more = failures.length - MOST_SENTENCES;
  return [...failures.slice(0, MOST_SENTENCES), ...(more > 0 ? [`And ${more} more, which the log names.`] : [])].join(
    '\n',
  );
}
