import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type AddressRanges } from '../base/address-ranges.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import { type FilterReport, FilterText } from '../base/filter-text.ts';
import { canonicalIp } from '../base/ip.ts';
import type { Settings } from '../engine/settings.ts';

/** Most bytes of a list, unpacked; those in use have some 20 MB. */
const MAX_BYTES = 256 * 1024 * 1024;

/** What the settings keep out: the addresses of the list with those that the user banned. Rejects with EnsembleError. */
export async function readBarred({
  ipFilter,
  banned,
}: Pick<Settings, 'ipFilter' | 'banned'>): Promise<{ readonly ranges: AddressRanges; readonly report: FilterReport }> {
  const text = new FilterText();
  if (ipFilter !== '') await readInto(text, ipFilter);
  // Whatever the list says of them, on lines of their own.
  text.push(['', ...banned.flatMap((host) => canonicalIp(host) ?? []), ''].join('\n'));
  return text.end();
}

async function readInto(text: FilterText, file: string): Promise<void> {
  let length = 0;
  const take = async (parts: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of parts) {
      length += part.length;
      if (length > MAX_BYTES) throw new EnsembleError('usage', `${file} is too large for a list of addresses.`);
      // Names may be in any encoding; addresses are ASCII.
      text.push(part.toString('latin1'));
    }
  };
  try {
    if (await isZipped(file)) await pipeline(createReadStream(file), createGunzip(), take);
    else await pipeline(createReadStream(file), take);
  } catch (error) {
    if (error instanceof EnsembleError) throw error;
    throw new EnsembleError('disk', `The list of addresses ${file} cannot be read: ${messageOf(error)}`);
  }
}

async function isZipped(file: string): Promise<boolean> {
  for await (const start of createReadStream(file, { end: 1 }) as AsyncIterable<Buffer>) {
    return start[0] === 0x1f && start[1] === 0x8b;
  }
  return false;
}
