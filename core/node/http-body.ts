import { constants, gunzip, inflate, inflateRaw } from 'node:zlib';

type Unpack = typeof gunzip;

/** Packed so often, at most. */
const MAX_LAYERS = 2;

/**
 * Undoes the packing that an answer's headers name. What is not packed though they say so is left as it is, as are words that name
 * none (`UTF-8`). Rejects for a packing that was not asked for, what cannot be unpacked, and what is then longer than `maxBytes`.
 * `mayBeCut`: the end may be missing, or followed by other bytes: what can be unpacked is taken.
 */
export async function unpackBody(
  body: Uint8Array,
  encodings: readonly string[],
  maxBytes: number,
  mayBeCut: boolean,
): Promise<Uint8Array> {
  const layers = encodings
    .flatMap((value) => value.toLowerCase().split(','))
    .map((word) => word.trim())
    .filter((word) => KNOWN.has(word));
  if (layers.length > MAX_LAYERS) throw new Error(`its body is packed ${layers.length} times`);
  let data = body;
  for (const layer of layers.reverse()) {
    const unpack = unpackerOf(layer, data);
    if (unpack === undefined) continue;
    const packed = data;
    data = await run(unpack, packed, maxBytes, mayBeCut).catch((error: unknown) => {
      // Node takes bytes behind a gzip stream for another one.
      if (!mayBeCut || unpack !== gunzip) throw error;
      return run(inflateRaw, packed.subarray(gzipHeader(packed)), maxBytes, mayBeCut);
    });
  }
  return data;
}

const KNOWN: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'x-compress']);

/** Undefined where the data is not packed so. */
function unpackerOf(layer: string, data: Uint8Array): Unpack | undefined {
  const [a = 0, b = 0] = data;
  if (layer === 'gzip' || layer === 'x-gzip') return a === 0x1f && b === 0x8b ? gunzip : undefined;
  if (layer !== 'deflate') throw new Error(`its body is packed as ${layer}, which was not asked for`);
  if (data.length === 0) return undefined;
  // Some servers leave out the zlib frame that "deflate" includes (RFC 9110, "Deflate Coding").
  if ((a & 0x0f) === 8 && ((a << 8) | b) % 31 === 0) return inflate;
  // A bencoded dictionary is not packed: as a packed stream it would begin with a block of a kind that there is not, or that is rare.
  return a === 0x64 && b >= 0x30 && b <= 0x39 ? undefined : inflateRaw;
}

/** The length of a gzip header (RFC 1952). */
function gzipHeader(data: Uint8Array): number {
  const flags = data[3] ?? 0;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (data[at] ?? 0) + 256 * (data[at + 1] ?? 0);
  for (const flag of [8, 16]) if ((flags & flag) !== 0) at = data.indexOf(0, at) + 1 || data.length;
  if ((flags & 2) !== 0) at += 2;
  return at;
}

function run(unpack: Unpack, data: Uint8Array, maxBytes: number, mayBeCut: boolean): Promise<Uint8Array> {
  const options = { maxOutputLength: maxBytes, ...(mayBeCut && { finishFlush: constants.Z_SYNC_FLUSH }) };
  return new Promise((resolve, reject) => {
    unpack(data, options, (error, out) => {
      if (error === null) resolve(out);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLong(maxBytes));
      else reject(new Error('its body cannot be unpacked', { cause: error }));
    });
  });
}

function tooLong(maxBytes: number): Error {
  return new Error(`the answer is longer than ${maxBytes} bytes`);
}
