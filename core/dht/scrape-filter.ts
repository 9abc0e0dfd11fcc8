import { createHash } from 'node:crypto';

const FILTER_BYTES = 256;

/** A Bloom filter of addresses: nodes' filters are put together to estimate how many peers a torrent has (BEP 33). */
export class ScrapeFilter {
  readonly bytes: Uint8Array = new Uint8Array(FILTER_BYTES);

  /** `ip`: 4 or 16 bytes. */
  add(ip: Uint8Array): void {
    const hash = createHash('sha1').update(ip).digest();
    for (const at of [0, 2]) {
      const index = ((hash[at] ?? 0) | ((hash[at + 1] ?? 0) << 8)) % (FILTER_BYTES * 8);
      this.bytes[index >> 3] = (this.bytes[index >> 3] ?? 0) | (1 << (index & 7));
    }
  }
}
