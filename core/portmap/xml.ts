import { EnsembleError } from '../base/errors.ts';

/** An element without its attributes. `name` has no prefix: routers do not agree on their namespaces' prefixes. */
export interface XmlElement {
  readonly name: string;
  /** The text directly in it, trimmed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Longer documents are refused; routers' descriptions have 2 to 20 KiB. */
export const MAX_XML_BYTES = 128 * 1024;
const MAX_DEPTH = 24;
const MAX_ELEMENTS = 4_000;
const MAX_TEXT = 2_048;

interface Open {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/**
 * Reads the XML of a router, as far as UPnP needs it: elements and text. There are no entities but the five of XML and characters by
 * number; a document type, which may define others, is refused. Time grows with the length alone. Throws EnsembleError('network').
 */
export function readXml(data: Uint8Array): XmlElement {
  if (data.length > MAX_XML_BYTES) throw bad(`is longer than ${MAX_XML_BYTES} bytes`);
  const source = new TextDecoder().decode(data);
  const root: Open = { name: '', text: '', children: [] };
  const open: Open[] = [root];
  let elements = 0;
  for (let at = 0; at < source.length;) {
    const top = open.at(-1) ?? root;
    if (source[at] !== '<') {
      const end = ending(source, '<', at);
      top.text = (top.text + unescaped(source.slice(at, Math.min(end, at + MAX_TEXT)))).slice(0, MAX_TEXT);
      at = end;
    } else if (source.startsWith('<!--', at)) at = after(source, '-->', at + 4);
    else if (source.startsWith('<![CDATA[', at)) {
      const end = after(source, ']]>', at + 9);
      top.text = (top.text + source.slice(at + 9, Math.min(end - 3, at + 9 + MAX_TEXT))).slice(0, MAX_TEXT);
      at = end;
    } else if (source.startsWith('<!', at)) throw bad('has a document type');
    else if (source.startsWith('<?', at)) at = after(source, '?>', at + 2);
    else {
      const end = tagEnd(source, at + 1);
      const tag = source.slice(at + 1, end);
      at = end + 1;
      if (tag.startsWith('/')) {
        if (open.length < 2 || top.name !== localName(tag.slice(1))) throw bad('has an end without a beginning');
        close(open);
        continue;
      }
      if (++elements > MAX_ELEMENTS || open.length > MAX_DEPTH) throw bad('has too many elements');
      open.push({ name: localName(tag), text: '', children: [] });
      if (tag.endsWith('/')) close(open);
    }
  }
  const [first] = root.children;
  if (open.length > 1 || first === undefined) throw bad('is cut off');
  return first;
}

/** The text of the first child of this name. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

/** All elements of this name below `element`, in order. */
export function* descendants(element: XmlElement, name: string): Generator<XmlElement> {
  for (const child of element.children) {
    if (child.name === name) yield child;
    yield* descendants(child, name);
  }
}

function close(open: Open[]): void {
  const done = open.pop();
  if (done !== undefined) open.at(-1)?.children.push({ ...done, text: done.text.trim() });
}

/** The end of a tag that begins at `from`; a `>` within quotes does not count. */
function tagEnd(source: string, from: number): number {
  let quote = '';
  for (let at = from; at < source.length; at++) {
    const char = source[at] ?? '';
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '>') return at;
  }
  throw bad('is cut off');
}

function localName(tag: string): string {
  const name = /^[^\s/>]{1,100}/.exec(tag)?.[0] ?? '';
  const local = name.slice(name.indexOf(':') + 1);
  if (local === '') throw bad('has an element without a name');
  return local;
}

function ending(source: string, what: string, from: number): number {
  const at = source.indexOf(what, from);
  return at < 0 ? source.length : at;
}

function after(source: string, what: string, from: number): number {
  const at = source.indexOf(what, from);
  if (at < 0) throw bad('is cut off');
  return at + what.length;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(
    /&(?:([a-z]{2,4})|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole, name?: string, ten?: string, hex?: string) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = ten === undefined ? Number.parseInt(hex ?? '', 16) : Number(ten);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function bad(what: string): EnsembleError {
  return new EnsembleError('network', `The router's answer ${what}: it cannot be read`);
}
