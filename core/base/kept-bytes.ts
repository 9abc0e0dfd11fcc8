/** How much is kept in one piece of memory. */
const SLAB = 64 * 1024;
/** Most bytes that are kept so; more have memory of their own. */
export const MOST_TOGETHER = 4096;

const slabs = new WeakSet<ArrayBufferLike>();
let slab = new Uint8Array(0);
let used = 0;

/**
 * A copy of bytes that are kept for long, where they are few: of thousands of torrents each piece of memory of its own takes 200 bytes more,
 * and what came in a message would keep all of that.
 */
export function keptBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MOST_TOGETHER || slabs.has(bytes.buffer)) return bytes;
  if (used + bytes.length > slab.length) {
    slab = new Uint8Array(SLAB);
    slabs.add(slab.buffer);
    used = 0;
  }
  slab.set(bytes, used);
  used += bytes.length;
  return slab.subarray(used - bytes.length, used);
}
