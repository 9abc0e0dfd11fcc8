import { MAX_FILES } from '../../base/bounds.ts';

/** Bounds on a message, so that reading it neither blocks the program nor takes all memory. */
export interface MessageBounds {
  /** Bytes of its JSON; typed arrays come after it, and are bounded by the frame. */
  readonly json: number;
  /** Objects and arrays within one another. */
  readonly depth: number;
  /** Values of any kind, at all depths. */
  readonly values: number;
  /** Number of typed arrays. */
  readonly arrays: number;
}

/**
 * What a window may send. The largest command names each file of the largest torrent by a number of up to six digits; the
 * deepest, a change of the last choices, has objects in six others; and only one carries bytes, those of a torrent.
 */
export const COMMAND_BOUNDS: MessageBounds = {
  json: 4 * 1024 * 1024,
  depth: 16,
  values: MAX_FILES + 50_000,
  arrays: 4,
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Which bound JSON in UTF-8 exceeds, found in one pass over the bytes before any of it is parsed; undefined: none. Each value comes
 * after a comma or an opening bracket, so that counting these bounds the number of values.
 */
export function exceeded(json: Uint8Array, bounds: MessageBounds): keyof MessageBounds | undefined {
  if (json.length > bounds.json) return 'json';
  let depth = 0;
  let values = 1;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case QUOTE:
        for (at++; at < json.length && json[at] !== QUOTE; at++) if (json[at] === BACKSLASH) at++;
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (++depth > bounds.depth) return 'depth';
        values++;
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        values++;
        break;
      default:
    }
    if (values > bounds.values) return 'values';
  }
  return undefined;
}
