import type { RawName } from '../metainfo/raw-paths.ts';

/** Where one file lies on a server. */
export interface FilePlace {
  readonly url: URL;
  /** Path and query as they are asked for. They are not taken from `url`, as a URL object may change what names are. */
  readonly target: string;
}

const SLASH = 0x2f;
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * Where a web seed has a file (BEP 19): of several files, and of one where the URL ends in a slash, the torrent's names follow the
 * URL; else the URL is the file. Undefined for a name that no server can have.
 */
export function filePlace(seed: string, path: readonly RawName[]): FilePlace | undefined {
  const several = path.length > 1;
  const base = new URL(seed);
  const plain = `${base.pathname}${base.search}`;
  if (!several && !plain.endsWith('/')) return { url: base, target: plain };
  const names: string[] = [];
  for (const name of path) {
    const text = encodeName(name);
    if (text === undefined) return undefined;
    names.push(text);
  }
  return { url: base, target: `${plain}${plain.endsWith('/') ? '' : '/'}${names.join('/')}` };
}

/**
 * A name in a URL, byte by byte. All but what is never reserved (RFC 3986) is encoded, as servers decode all of it, while some read
 * a plain `+` as a blank. Undefined where it would be taken for another place.
 */
function encodeName(name: RawName): string | undefined {
  let out = '';
  for (const byte of name) {
    const char = String.fromCharCode(byte);
    if (byte === SLASH || byte === 0) return undefined;
    out += UNRESERVED.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out === '' || out === '.' || out === '..' ? undefined : out;
}
