import { isMagnetLink } from './magnet-link.ts';

/** Something in a text from which a torrent can be had. */
export type Pasted =
  { readonly kind: 'magnet'; readonly link: string } | { readonly kind: 'url'; readonly url: string };

/** What a text holds, and the first word of it that looks like something of use and is not. */
export interface PastedText {
  readonly found: readonly Pasted[];
  /** Hex digits that are no info-hash, as they are too few or too many. */
  readonly cut?: string;
}

/** Signs that people, mails and pages put around a link. */
const AROUND = /^[\s"'`<>()[\]{}\u00ab\u00bb\u2018-\u201e,;]+|[\s"'`<>()[\]{}\u00ab\u00bb\u2018-\u201e,;]+$/g;
/** Where one may begin within a line, as after `href="`. */
const BEGIN = /magnet(?=:|%(?:25)*3a)|https?(?=:\/\/|%(?:25)*3a%(?:25)*2f)/gi;
const FEWEST_DIGITS = 24;

/** Reads what people paste and drop: magnet links, info-hashes, addresses of .torrent files, one after the other, in quotes or out of a page. */
export function readPasted(text: string): PastedText {
  const found: Pasted[] = [];
  let cut: string | undefined;
  for (const line of text.split(/[\r\n]+/)) {
    const begins = [...line.matchAll(BEGIN)].map(({ index }) => index);
    const outer = begins.filter((_, i) => i === 0 || !isInside(line, begins, i));
    outer.forEach((at, i) => {
      const one = linkOf(line.slice(at, outer[i + 1] ?? line.length));
      if (one !== undefined) found.push(one);
    });
    if (outer.length > 0) continue;
    for (const word of line.split(/\s+/)) {
      const bare = word.replace(AROUND, '');
      const link = ofHash(bare);
      if (link !== undefined) found.push({ kind: 'magnet', link });
      else if (bare.length >= FEWEST_DIGITS && /^[0-9a-f]+$/i.test(bare)) cut ??= bare;
    }
  }
  return { found, ...(cut !== undefined && found.length === 0 ? { cut } : {}) };
}

/** A link's own trackers and servers are URLs, too: those belong to it. */
function isInside(line: string, begins: readonly number[], i: number): boolean {
  return /[=&]$|%3d$/i.test(line.slice(begins[i - 1], begins[i]));
}

function linkOf(rest: string): Pasted | undefined {
  const [first = ''] = rest.split(/["'<>`\u00ab\u00bb\u2018-\u201e]/);
  // A name in a link may have been written with its spaces; then more of its parts follow.
  const spaced = /\s\S*&[\w.]+=/.test(first) ? first : (first.split(/\s/)[0] ?? '');
  const link = spaced.replace(AROUND, '');
  if (isMagnetLink(link)) return { kind: 'magnet', link };
  const url = decoded(link).replace(/&amp;/gi, '&');
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? { kind: 'url', url } : undefined;
}

function decoded(link: string): string {
  if (/^https?:\/\//i.test(link)) return link;
  try {
    return decodeURIComponent(link);
  } catch {
    return link;
  }
}

/** The magnet link for an info-hash: 40 hex or 32 base32 digits (BEP 9), or 64 hex digits of version 2 (BEP 52). */
function ofHash(word: string): string | undefined {
  const [, kind = '', hash = ''] = /^(?:urn:)?(btih:|btmh:|)(?:1220(?=[0-9a-f]{64}$))?([0-9a-z]+)$/i.exec(word) ?? [];
  if (/^[0-9a-f]{64}$/i.test(hash)) return `magnet:?xt=urn:btmh:1220${hash.toLowerCase()}`;
  if (kind.toLowerCase() === 'btmh:') return undefined;
  if (/^[0-9a-f]{40}$/i.test(hash)) return `magnet:?xt=urn:btih:${hash.toLowerCase()}`;
  // A word of 32 letters and digits from this alphabet, of which some are digits, is hardly anything else.
  if (/^[a-z2-7]{32}$/i.test(hash) && (kind !== '' || /\d/.test(hash)))
    return `magnet:?xt=urn:btih:${hash.toLowerCase()}`;
  return undefined;
}
