import type { HttpHead } from '../base/http-answer.ts';
import type { Millis } from '../base/ids.ts';
import { retryAfter } from '../base/retry-after.ts';

/** What was asked of a file: bytes `from` up to and without `to`. */
export interface Asked {
  readonly from: number;
  readonly to: number;
  /** Bytes of the whole file, as the torrent says. */
  readonly length: number;
}

/** What to do with an answer. */
export type AnswerVerdict =
  /** Its body begins at byte `at` of the file and goes up to `to`. `ranges`: whether the server gives parts of files. */
  | { readonly kind: 'take'; readonly at: number; readonly to: number; readonly ranges: boolean }
  | { readonly kind: 'redirect'; readonly location: string }
  /** The server is busy: not before `after`, where it says that. */
  | { readonly kind: 'wait'; readonly why: string; readonly after?: Millis }
  /** It has not got this file, or another one of this name. */
  | { readonly kind: 'no-file'; readonly why: string }
  /** What it says makes no sense. */
  | { readonly kind: 'bad'; readonly why: string };

/** Bytes before what is wanted that are read over, where a server begins earlier than it was asked to. */
export const MOST_SKIPPED = 4 * 1024 * 1024;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Of these a server may think better. */
const BUSY: ReadonlySet<number> = new Set([408, 425, 429]);

/** Judges status and headers of an answer (RFC 9110, "Range Requests"). `wall`: time of day, for `Retry-After`. */
export function judge({ status, headers }: HttpHead, asked: Asked, wall: Millis): AnswerVerdict {
  const header = (name: string): string | undefined => headers.get(name)?.[0];
  const location = header('location');
  if (REDIRECTS.has(status) && location !== undefined) return { kind: 'redirect', location };
  if (BUSY.has(status) || status >= 500) {
    const after = retryAfter(header('retry-after'), wall);
    return { kind: 'wait', why: `status ${status}`, ...(after !== undefined && { after }) };
  }
  if (status === 416) return { kind: 'no-file', why: 'its file is shorter' };
  if (status >= 400) return { kind: 'no-file', why: `status ${status}` };
  if (status !== 200 && status !== 206) return { kind: 'bad', why: `status ${status}` };
  const part = status === 206 ? partOf(headers, asked) : wholeOf(headers);
  if (part === undefined) return { kind: 'bad', why: 'it does not say which part of the file it sends' };
  if (part.length !== undefined && part.length !== asked.length) {
    return { kind: 'no-file', why: `its file has ${part.length} bytes, and must have ${asked.length}` };
  }
  // Servers call files such as a .gz compressed that they send as they are: then their length is right.
  if (part.length === undefined && isEncoded(headers))
    return { kind: 'bad', why: 'it compresses what was asked for as it is' };
  const { at, to = asked.length } = part;
  if (at > asked.from || to <= asked.from || to > asked.length)
    return { kind: 'bad', why: 'it sends another part of the file' };
  if (asked.from - at > MOST_SKIPPED)
    return { kind: 'no-file', why: 'it sends whole files alone, and this one is begun' };
  return { kind: 'take', at, to, ranges: status === 206 };
}

interface Part {
  readonly at: number;
  /** Undefined: as much as comes. */
  readonly to?: number;
  /** Of the whole file; undefined: not said. */
  readonly length?: number;
}

function wholeOf(headers: HttpHead['headers']): Part {
  const length = lengthOf(headers);
  return { at: 0, ...(length !== undefined && { length }) };
}

function partOf(headers: HttpHead['headers'], asked: Asked): Part | undefined {
  const range = headers.get('content-range')?.[0];
  if (range === undefined) {
    // Some say nothing and mean what was asked for.
    return lengthOf(headers) === asked.to - asked.from ? { at: asked.from, to: asked.to } : undefined;
  }
  const [, first, last, total] = /^bytes[ =]+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(range) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const part = { at: Number(first), to: Number(last) + 1 };
  return total === '*' ? part : { ...part, length: Number(total) };
}

/** The length of the body; undefined where it is not said, or in two ways. */
function lengthOf(headers: HttpHead['headers']): number | undefined {
  if (/\bchunked\b/i.test(headers.get('transfer-encoding')?.join() ?? '')) return undefined;
  const said = new Set(
    (headers.get('content-length') ?? []).flatMap((value) => value.split(',').map((one) => one.trim())),
  );
  const [length] = said;
  return said.size === 1 && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function isEncoded(headers: HttpHead['headers']): boolean {
  return (headers.get('content-encoding') ?? []).some((value) => !/^(?:identity)?$/i.test(value.trim()));
}
