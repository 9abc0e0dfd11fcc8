import { readU32, writeU32 } from '../../base/bytes.ts';
import { EnsembleError } from '../../base/errors.ts';
import { exceeded, type MessageBounds } from './message-bounds.ts';

// A message as one binary frame: 4 bytes length of the header, the header as JSON, zeros up to a multiple of 8, then
// the typed arrays of the message one after the other, each padded to a multiple of 8. In the JSON an array stands as
// {"\u0000": index, "t": kind, "n": bytes}. Numbers in arrays are little-endian, as on every machine we run on.

const MARK = '\u0000';
/** The mark as JSON writes it; there is no other way. */
const WRITTEN_MARK = '\\u0000';
const KINDS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;
type Kind = keyof typeof KINDS;
type Numbers = InstanceType<(typeof KINDS)[Kind]>;

const padded = (length: number): number => (length + 7) & ~7;

/** The message as one frame. It holds plain objects, arrays, strings, finite numbers, booleans, null and typed arrays. */
export function encodeMessage(message: unknown): Uint8Array {
  const parts: Numbers[] = [];
  const json = JSON.stringify(message, function (this: Record<string, unknown>, key, value: unknown) {
    // By now a Buffer has been turned into something else; the object that holds it still has it.
    const held = this[key];
    const kind = kindOf(held);
    if (kind === undefined) return value;
    const numbers = held as Numbers;
    parts.push(numbers);
    return { [MARK]: parts.length - 1, t: kind, n: numbers.byteLength };
  });
  const header = new TextEncoder().encode(json);
  const start = padded(4 + header.length);
  const frame = new Uint8Array(parts.reduce((sum, part) => sum + padded(part.byteLength), start));
  writeU32(frame, 0, header.length);
  frame.set(header, 4);
  let at = start;
  for (const part of parts) {
    frame.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += padded(part.byteLength);
  }
  return frame;
}

/**
 * The reverse; arrays are in memory of their own. Throws EnsembleError('invalid-message') for a malformed frame and, before parsing
 * it, for one that exceeds `bounds`; without bounds the sender is trusted.
 */
export function decodeMessage(frame: Uint8Array, bounds?: MessageBounds): unknown {
  const size = frame.length < 4 ? Number.POSITIVE_INFINITY : readU32(frame, 0);
  if (4 + size > frame.length) throw invalid('its header is cut off');
  const header = frame.subarray(4, 4 + size);
  const bound = bounds && exceeded(header, bounds);
  if (bound !== undefined) throw invalid(`it has more than it may (${bound})`);
  const starts = [padded(4 + size)];
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(header);
    // Checking each value would cost ten times as much as parsing.
    if (!json.includes(WRITTEN_MARK)) return JSON.parse(json) as unknown;
    return JSON.parse(json, (_key, value: unknown) => {
      if (starts.length - 1 > (bounds?.arrays ?? Number.POSITIVE_INFINITY)) throw invalid('it has too many arrays');
      return revive(value, frame, starts);
    }) as unknown;
  } catch (error) {
    throw error instanceof EnsembleError ? error : invalid('its header is no JSON');
  }
}

/** JSON.parse meets arrays in the order in which JSON.stringify wrote them. */
function revive(value: unknown, frame: Uint8Array, starts: number[]): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, MARK)) return value;
  const { [MARK]: index, t, n } = value as Record<string, unknown>;
  const start = starts[starts.length - 1] ?? 0;
  if (typeof t !== 'string' || !Object.hasOwn(KINDS, t) || index !== starts.length - 1) {
    throw invalid('an array in it is of no known kind');
  }
  const Numbers = KINDS[t as Kind];
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 0 || n % Numbers.BYTES_PER_ELEMENT !== 0) {
    throw invalid('an array in it has no length');
  }
  if (start + n > frame.length) throw invalid('an array in it is cut off');
  starts.push(start + padded(n));
  const own = frame.slice(start, start + n);
  return new Numbers(own.buffer, own.byteOffset, n / Numbers.BYTES_PER_ELEMENT);
}

function kindOf(value: unknown): Kind | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  if (value instanceof Uint8Array) return 'u8';
  if (value instanceof Uint16Array) return 'u16';
  if (value instanceof Uint32Array) return 'u32';
  if (value instanceof Float32Array) return 'f32';
  if (value instanceof Float64Array) return 'f64';
  return undefined;
}

function invalid(why: string): EnsembleError {
  return new EnsembleError('invalid-message', `A message of the bridge cannot be read: ${why}.`);
}
