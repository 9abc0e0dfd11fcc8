import type { SeedRule } from '../core/base/choices.ts';
import type { Endpoint } from '../core/base/endpoint.ts';
import { KILO } from '../core/base/sizes.ts';
import { parseEndpoint } from '../core/base/endpoint.ts';
import { canonicalIp } from '../core/base/ip.ts';
import type { BytesPerSecond } from '../core/base/ids.ts';
import { bytesPerSecond } from '../core/base/ids.ts';
import { EnsembleError } from '../core/base/errors.ts';
import { parseProxyUrl } from '../core/base/proxy-url.ts';
import { wordsIn } from '../core/base/program-line.ts';
import { MAX_PIECES } from '../core/base/bounds.ts';
import type { DownloadOptions } from '../core/engine/download-options.ts';
import { label, linkList, programWords, serveAt, tagList } from '../core/engine/values.ts';
import * as v from 'valibot';
import { InvalidArgumentError } from 'commander';

/** Each throws commander's InvalidArgumentError, which becomes a refusal that names option and value (exit code 2). */

const KIBI = 1024;
const LETTERS = 'kmg';

/** A count of bytes, such as `300K` or `1.5M` (1024), `300kB` or `1.5MB` (1000). */
export function parseSize(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)(?: ?([kmg])(b|ib)?)?$/i.exec(text);
  // The letter alone is as in `KiB`: so pieces have their lengths.
  const base = match?.[3]?.toLowerCase() === 'b' ? KILO : KIBI;
  const power = match?.[2] === undefined ? 0 : LETTERS.indexOf(match[2].toLowerCase()) + 1;
  const size = Math.floor(Number(match?.[1]) * base ** power);
  if (!Number.isSafeInteger(size)) {
    throw new InvalidArgumentError('Give a number, with K, M or G (1024) or kB, MB or GB (1000): 300K, 1.5M, 2MB.');
  }
  return size;
}

/** A limit in bytes a second; 0: none. */
export function parseRate(text: string): BytesPerSecond {
  return bytesPerSecond(parseSize(text));
}

/** A parser of whole numbers from `least` to `most`. */
export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Seconds, more than 0; parts of a second are fine. */
export function parseSeconds(text: string): number {
  const value = /^\d{1,8}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0)) throw new InvalidArgumentError('Give seconds, more than 0.');
  return value;
}

const SPANS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds; undefined for anything but a number with s, m, h or d. */
function spanOf(text: string): number | undefined {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * SPANS[match[2] as keyof typeof SPANS];
}

/** Milliseconds, more than 0. */
export function parseSpan(text: string): number {
  const span = spanOf(text) ?? 0;
  if (span <= 0) throw new InvalidArgumentError('Give a time with s, m, h or d: 90s, 30m, 12h, 7d.');
  return span;
}

/** `never`, `forever`, or goals of which the first that is reached counts: a ratio, a time, and a time that nobody takes anything. */
export function parseSeedRule(text: string): SeedRule {
  if (text === 'never' || text === 'forever') return { kind: text };
  const goals: { ratio?: number; time?: number; idle?: number } = {};
  for (const part of text.split(',')) {
    const ratio = /^\d{1,6}(\.\d{1,6})?$/.test(part) ? Number(part) : undefined;
    const time = spanOf(part);
    const idle = part.startsWith('idle=') ? spanOf(part.slice('idle='.length)) : undefined;
    if (ratio !== undefined && ratio > 0 && goals.ratio === undefined) goals.ratio = ratio;
    else if (time !== undefined && time > 0 && goals.time === undefined) goals.time = time;
    else if (idle !== undefined && idle > 0 && goals.idle === undefined) goals.idle = idle;
    else
      throw new InvalidArgumentError('Give never, forever, or goals such as 1.5, 12h, idle=30m, or 1.5,12h,idle=30m.');
  }
  const { ratio, time, idle } = goals;
  if (ratio !== undefined && time === undefined && idle === undefined) return { kind: 'ratio', ratio };
  return { kind: 'goals', ratio: 'none', time: 'none', idle: 'none', ...goals };
}

/** Local addresses and interface names, separated by commas. The engine finds out whether they exist. */
export function parseBindList(text: string): readonly string[] {
  const list = text.split(',').map((item) => item.trim());
  if (list.some((item) => !/^[\w.:%@-]{1,64}$/.test(item))) {
    throw new InvalidArgumentError('Give local addresses or interface names: 10.0.0.2,10.0.0.3 or eth0,wg0.');
  }
  return list;
}

export function parseLinks(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (v.is(linkList, names)) return names;
  throw new InvalidArgumentError('Give names of links of the settings, with commas between them: fibre,phone.');
}

/** A program and its arguments, as words of a line. */
export function parseProgram(text: string): readonly string[] {
  const words = wordsIn(text);
  if (words !== undefined && words.length > 0 && v.is(programWords, words)) return words;
  throw new InvalidArgumentError(
    'Give a program and its arguments, with quotes around what has spaces: tool "{name}".',
  );
}

/** The name of a category; empty: none. */
export function parseLabel(text: string): string {
  if (v.is(label, text)) return text;
  throw new InvalidArgumentError('Give a name on one line, of at most 100 characters.');
}

/** Tags, separated by commas; empty: none. */
export function parseTags(text: string): readonly string[] {
  const tags = text.split(',').map((one) => one.trim());
  const named = [...new Set(tags.filter((tag) => tag !== ''))];
  if (v.is(tagList, named)) return named;
  throw new InvalidArgumentError('Give names on one line, of at most 100 characters each: linux,iso.');
}

/** URLs of proxies, separated by commas. What was typed is not repeated, as there may be passwords in it. */
export function parseProxyList(text: string): readonly string[] {
  const list = text.split(',').map((item) => item.trim());
  const wrong = list.findIndex((url) => parseProxyUrl(url) === undefined);
  if (wrong < 0) return list;
  const which = list.length === 1 ? '' : `, number ${wrong + 1}`;
  throw new EnsembleError(
    'usage',
    `--proxy${which}: give socks5://HOST:PORT or http://HOST:PORT, with USER:PASSWORD@ before the host where the proxy asks for it (%40 for @).`,
  );
}

/** Where to serve files: `HOST`, `HOST:PORT` or `PORT`, where 0 is any free port, and perhaps `/` with the secret path to keep. */
export function parseServeAt(text: string): NonNullable<DownloadOptions['http']> {
  const slash = text.indexOf('/');
  const place = slash < 0 ? text : text.slice(0, slash);
  const secret = slash < 0 ? {} : { secret: text.slice(slash + 1).replace(/\/$/, '') };
  const bare = place.replace(/^\[(.*)\]$/, '$1');
  // Of port 0 no endpoint has it.
  const [, free] = /^([^:]+|\[.*\]):0$/.exec(place) ?? [];
  let at = free === undefined ? parseEndpoint(place) : parseEndpoint(`${free}:1`);
  if (free !== undefined && at !== undefined) at = { ...at, port: 0 };
  if (/^\d{1,5}$/.test(place)) at = { host: '127.0.0.1', port: Number(place) };
  else if (canonicalIp(bare) !== undefined || bare === 'localhost') at = { host: bare, port: 0 };
  if (at === undefined || !v.is(serveAt, { ...at, ...secret })) {
    throw new InvalidArgumentError(
      'Give HOST:PORT, such as 0.0.0.0:8080, and perhaps a path of at least 16 letters and digits: 0.0.0.0:8080/0123456789abcdef.',
    );
  }
  return { ...at, ...secret };
}

/** Adds a `host:port` to those given before. */
export function addPeer(text: string, before: readonly Endpoint[]): readonly Endpoint[] {
  const endpoint = parseEndpoint(text);
  if (!endpoint) throw new InvalidArgumentError('Give HOST:PORT, an IPv6 address in brackets: [2001:db8::1]:6881.');
  return [...before, endpoint];
}

/** Adds a text to those given before. */
export function addText(text: string, before: readonly string[]): readonly string[] {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return [...before, text];
}

/** A parser that adds a URL of one of the given schemes (without colon). */
export function addUrl(...schemes: readonly string[]): (text: string, before: readonly string[]) => readonly string[] {
  return (text, before) => {
    if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol.slice(0, -1))) {
      throw new InvalidArgumentError(`Give a URL with ${schemes.join(', ')}.`);
    }
    return [...before, text];
  };
}

/** How many pieces a torrent may have at most. */
export function parsePieces(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MAX_PIECES) {
    throw new InvalidArgumentError(`Give a number from 1 to ${MAX_PIECES}.`);
  }
  return count;
}

/** Bytes of a piece: a power of two from 16 KiB to 64 MiB. */
export function parsePieceLength(text: string): number {
  const size = parseSize(text);
  if (size < 16384 || size > 64 * 1024 ** 2 || (size & (size - 1)) !== 0) {
    throw new InvalidArgumentError('Give a power of two from 16K to 64M.');
  }
  return size;
}
