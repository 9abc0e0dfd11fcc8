import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { concatBytes } from '../base/bytes.ts';

/** A response's body, unpacked; rejects as soon as it is longer than `maxBytes`, packed or not. */
export async function readBody(response: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const declared = Number(response.headers['content-length'] ?? 0);
  if (declared > maxBytes) {
    response.destroy();
    throw tooLong(maxBytes);
  }
  const encodings = (response.headers['content-encoding'] ?? 'identity').toLowerCase().trim();
  switch (encodings) {
    case 'identity':
    case '':
      return collect(response, maxBytes, signal);
    case 'gzip':
    case 'x-gzip':
      return unpack(await collect(response, maxBytes, signal), createGunzip(), maxBytes, signal);
    case 'deflate': {
      const packed = await collect(response, maxBytes, signal);
      // Some servers leave out the zlib frame that "deflate" includes (RFC 9110, "Deflate Coding").
      const framed = ((packed[0] ?? 0) & 0x0f) === 8 && (((packed[0] ?? 0) << 8) | (packed[1] ?? 0)) % 31 === 0;
      return unpack(packed, framed ? createInflate() : createInflateRaw(), maxBytes, signal);
    }
    default:
      response.destroy();
      throw new Error(`its body is packed as ${encodings.slice(0, 40)}, which was not asked for`);
  }
}

function unpack(
  packed: Uint8Array,
  decoder: ReturnType<typeof createGunzip>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (packed.length === 0) return Promise.resolve(packed);
  const out = collect(decoder, maxBytes, signal);
  decoder.end(packed);
  return out;
}

function collect(stream: Readable, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let length = 0;
    const fail = (error: unknown): void => {
      stream.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const stop = (): void => fail(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    stream.on('data', (part: Uint8Array) => {
      length += part.length;
      if (length > maxBytes) return fail(tooLong(maxBytes));
      parts.push(part);
    });
    stream.on('error', fail);
    stream.on('end', () => resolve(concatBytes(...parts)));
    stream.on('close', () => {
      signal.removeEventListener('abort', stop);
      fail(new Error('the answer was cut off'));
    });
  });
}

function tooLong(maxBytes: number): Error {
  return new Error(`the answer is longer than ${maxBytes} bytes`);
}
