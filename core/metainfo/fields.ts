import type { BencodeValue } from '../bencode/bencode.ts';
import { isDict } from '../bencode/bencode.ts';
import type { LenientFields } from '../bencode/lenient.ts';
import { EnsembleError } from '../base/errors.ts';

const lossy = new TextDecoder('utf-8', { ignoreBOM: true });

/** The error for a field that is not what it must be: names the field, shows the value, says what is expected. */
export function fieldError(field: string, value: unknown, expected: string): EnsembleError {
  return new EnsembleError('invalid-torrent', `The torrent's "${field}" is ${show(value)}; it must be ${expected}.`);
}

/** An integer from `min` to `max`. */
export function integerField(fields: LenientFields, field: string, min: number, max: number): number {
  const value = fields.value(field);
  if (typeof value !== 'number' || value < min || value > max) {
    throw fieldError(field, value, `an integer from ${min} to ${max}`);
  }
  return value;
}

/** A string; undefined where the field is missing or something else. */
export function bytesField(fields: LenientFields, field: string): Uint8Array | undefined {
  const value = fields.value(field);
  return value instanceof Uint8Array ? value : undefined;
}

/** The bytes as UTF-8 text, with U+FFFD for what is not UTF-8. */
export function textOf(data: Uint8Array): string {
  return lossy.decode(data);
}

/** Whether the bytes are UTF-8. U+FFFD itself counts as none: it tells that a name was spoilt before. */
export function isUtf8(data: Uint8Array): boolean {
  return !textOf(data).includes('\ufffd');
}

/** Text for people to read, bounded and without control characters (line breaks stay). */
export function shownText(data: Uint8Array | undefined): string | undefined {
  if (data === undefined) return undefined;
  return withoutControls(textOf(data.subarray(0, 8192))).slice(0, 4096) || undefined;
}

/** Text without control characters; line breaks stay. */
export function withoutControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what must go
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]+/g, ' ').trim();
}

/** A value as error messages show it: short and printable. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  if (value instanceof Uint8Array) {
    const text = shownText(value.subarray(0, 80)) ?? '';
    return JSON.stringify(value.length > 80 ? `${text}...` : text);
  }
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  if (Array.isArray(value)) return 'a list';
  return isDict(value as BencodeValue) ? 'a dictionary' : 'of another kind';
}
