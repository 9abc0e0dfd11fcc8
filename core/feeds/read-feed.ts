import { EnsembleError } from '../base/errors.ts';
import { isMagnetLink } from '../base/magnet-link.ts';
import type { Pasted } from '../base/pasted.ts';
import { decodeXml } from './decode-xml.ts';
import { sizeIn } from './size-text.ts';
import { readXml, type XmlElement } from './read-xml.ts';
import { MAX_TITLE } from './title.ts';

/** Longer feeds are refused: those of indexers have up to 500 KiB. */
export const MAX_FEED_BYTES = 4 * 1024 * 1024;
/** Items of a feed that are read, the first ones. */
export const MAX_ITEMS = 1000;
const MAX_LINK = 16_384;
/** An id that is longer is told from others by its first characters and a hash. */
const MAX_ID = 120;

/** A torrent that a feed names. */
export interface FeedItem {
  /** What the feed knows it by; the same at each look. */
  readonly id: string;
  readonly title: string;
  /** `null`: it names neither torrent nor link. */
  readonly link: Pasted | null;
  /** Bytes of its files; `null`: it does not say. */
  readonly length: number | null;
  /** Unix milliseconds. */
  readonly published: number | null;
}

export interface FeedContent {
  readonly title: string;
  readonly items: readonly FeedItem[];
}

/**
 * Reads RSS (also 1.0) and Atom, with what indexers add: torznab and newznab attributes, and the elements of ezRSS and Nyaa. `url`:
 * where it was fetched. Throws EnsembleError('network') for what is no feed.
 */
export function readFeed(data: Uint8Array, url: string): FeedContent {
  let title = '';
  let root = '';
  const items = new Map<string, FeedItem>();
  readXml(
    decodeXml(data),
    (name, within) => {
      if (within === '') root ||= name;
      return (ITEMS.has(name) && AROUND.has(within)) || (name === 'title' && AROUND.has(within));
    },
    (element) => {
      if (element.name === 'title') title ||= oneLine(element.text);
      else {
        const item = itemOf(element, url);
        if (item !== undefined && !items.has(item.id)) items.set(item.id, item);
      }
      return items.size < MAX_ITEMS;
    },
  );
  if (!ROOTS.has(root)) {
    throw new EnsembleError('network', 'What is there is no feed: give the address of an RSS or Atom feed.');
  }
  return { title, items: [...items.values()] };
}

const ROOTS: ReadonlySet<string> = new Set(['rss', 'rdf:rdf', 'feed', 'atom:feed', 'channel']);
const ITEMS: ReadonlySet<string> = new Set(['item', 'entry', 'atom:entry']);
/** RSS 2.0 has its items in the channel, 1.0 beside it. */
const AROUND: ReadonlySet<string> = new Set(['channel', 'rdf:rdf', 'rss', 'feed', 'atom:feed']);

function itemOf(element: XmlElement, url: string): FeedItem | undefined {
  const link = linkOf(element, url);
  const title = oneLine(textOf(element, 'title', 'atom:title'));
  const id = textOf(element, 'guid', 'id', 'atom:id') || (link === null ? '' : targetOf(link)) || title;
  if (id === '' || (title === '' && link === null)) return undefined;
  return {
    id: shortId(id),
    title: title || oneLine(link === null ? id : targetOf(link)),
    link,
    length: lengthOf(element),
    published: timeOf(textOf(element, 'pubdate', 'published', 'updated', 'dc:date', 'atom:published')),
  };
}

/** What is surest to be the torrent comes first; a link that may only be a page about it comes last. */
function linkOf(element: XmlElement, url: string): Pasted | null {
  const enclosures = childrenOf(element, 'enclosure');
  const links = childrenOf(element, 'link', 'atom:link');
  const hrefs = links.map((link) => ({ to: link.attributes.get('href') ?? link.text, about: link.attributes }));
  const candidates = [
    ...enclosures.filter(isTorrent).map((one) => one.attributes.get('url')),
    ...hrefs.filter(({ about }) => /bittorrent/i.test(about.get('type') ?? '')).map(({ to }) => to),
    attributeOf(element, 'magneturl'),
    textOf(element, 'torrent:magneturi', 'magneturi'),
    ...enclosures.map((one) => one.attributes.get('url')),
    ...hrefs.filter(({ about }) => about.get('rel') === 'enclosure').map(({ to }) => to),
    ...childrenOf(element, 'media:content').map((one) => one.attributes.get('url')),
    ...hrefs.map(({ to }) => to).filter(isSurely),
    textOf(element, 'guid', 'id', 'comments').split(/\s/).find(isSurely),
    magnetOf(attributeOf(element, 'infohash') || textOf(element, 'torrent:infohash', 'nyaa:infohash', 'infohash')),
    ...hrefs.filter(({ about }) => (about.get('rel') ?? 'alternate') === 'alternate').map(({ to }) => to),
  ];
  for (const candidate of candidates) {
    const link = readLink(candidate, url);
    if (link !== undefined) return link;
  }
  return null;
}

function isTorrent({ attributes }: XmlElement): boolean {
  return /bittorrent/i.test(attributes.get('type') ?? '') || isSurely(attributes.get('url') ?? '');
}

function isSurely(link: string): boolean {
  return isMagnetLink(link.trim()) || /^[^?#]*\.torrent(?:[?#]|$)/i.test(link);
}

function readLink(text: string | undefined, url: string): Pasted | undefined {
  const link = text?.trim() ?? '';
  if (link === '' || link.length > MAX_LINK) return undefined;
  if (isMagnetLink(link)) return { kind: 'magnet', link };
  if (!URL.canParse(link, url)) return undefined;
  const whole = new URL(link, url);
  return /^https?:$/.test(whole.protocol) ? { kind: 'url', url: whole.href } : undefined;
}

/** Of version 1 in hexadecimal or base32, or of version 2. */
function magnetOf(infoHash: string): string | undefined {
  const hash = infoHash.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return `magnet:?xt=urn:btmh:1220${hash}`;
  return /^(?:[0-9a-f]{40}|[a-z2-7]{32})$/.test(hash) ? `magnet:?xt=urn:btih:${hash}` : undefined;
}

function targetOf(link: Pasted): string {
  return link.kind === 'magnet' ? link.link : link.url;
}

/** An enclosure that is the torrent file often tells the length of that, so what is told elsewhere comes first. */
function lengthOf(element: XmlElement): number | null {
  const told = [
    attributeOf(element, 'size'),
    textOf(element, 'torrent:contentlength', 'contentlength', 'nyaa:size', 'size'),
    ...childrenOf(element, 'enclosure', 'media:content').map(
      ({ attributes }) => attributes.get('length') ?? attributes.get('filesize'),
    ),
  ];
  for (const text of told) {
    const size = sizeIn(text ?? '');
    if (size !== undefined && size > 0) return size;
  }
  return null;
}

function timeOf(text: string): number | null {
  const time = text === '' || text.length > 100 ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) || time < 0 ? null : time;
}

function childrenOf(element: XmlElement, ...names: readonly string[]): readonly XmlElement[] {
  return element.children.filter(({ name }) => names.includes(name));
}

/** The text of the first child of these names that has one. */
function textOf(element: XmlElement, ...names: readonly string[]): string {
  for (const name of names) {
    const found = element.children.find((child) => child.name === name && child.text !== '');
    if (found !== undefined) return found.text;
  }
  return '';
}

/** `<torznab:attr name="size" value="..."/>` */
function attributeOf(element: XmlElement, named: string): string {
  const found = childrenOf(element, 'torznab:attr', 'newznab:attr').find(
    ({ attributes }) => attributes.get('name')?.toLowerCase() === named,
  );
  return found?.attributes.get('value') ?? '';
}

/** Titles are text, and some feeds have HTML's references in what is text already. */
function oneLine(text: string): string {
  const plain = text
    .replace(/&(amp|lt|gt|quot|apos|nbsp|#39|#0?38);/g, (whole, name: string) => REFERENCES[name] ?? whole)
    .replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ');
  return plain.trim().slice(0, MAX_TITLE);
}

const REFERENCES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  '#39': "'",
  '#38': '&',
  '#038': '&',
};

function shortId(id: string): string {
  return id.length <= MAX_ID ? id : `${id.slice(0, MAX_ID - 14)} ${hashOf(id)}`;
}

/** 53 bits of a text, in 36 digits: two rounds of FNV-1a. For telling apart, not for secrets. */
function hashOf(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) + a;
  }
  return ((a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff)).toString(36);
}
