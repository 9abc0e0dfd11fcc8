import { Parser } from 'htmlparser2';
import { EnsembleError } from '../base/errors.ts';

const MAX_DEPTH = 64;
/** Characters of one text or attribute that are kept; a magnet link may have as many. */
const MAX_TEXT = 65_536;

/** An element of a feed. Names are in lower case, with the prefixes as they are written (`torznab:attr`). */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, trimmed. */
  readonly text: string;
}

interface Open extends XmlElement {
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads XML as it is found in feeds, with tags that are not closed and entities that do not exist. No entity is known but those of XML
 * and characters by number: a document type is passed over, so nothing grows. `keep` says of which elements the content is wanted, by
 * their names and that of the one around them; `done` is called with each that is complete, and returns false where no more are wanted.
 */
export function readXml(
  text: string,
  keep: (name: string, within: string) => boolean,
  done: (element: XmlElement, within: string) => boolean,
): void {
  /** Elements that are open; undefined: one that is not kept, nor what is in it. */
  const open: { readonly name: string; readonly kept: Open | undefined }[] = [];
  let more = true;
  const parser = new Parser(
    {
      onopentagname: (name) => {
        if (open.length >= MAX_DEPTH) throw new EnsembleError('network', 'It nests too deep to be a feed.');
        const above = open.at(-1);
        const wanted = more && (above?.kept !== undefined || keep(name, above?.name ?? ''));
        open.push({ name, kept: wanted ? { name, attributes: new Map(), children: [], text: '' } : undefined });
      },
      onattribute: (name, value) => void open.at(-1)?.kept?.attributes.set(name, value.slice(0, MAX_TEXT)),
      ontext: (part) => {
        const kept = open.at(-1)?.kept;
        if (kept !== undefined && kept.text.length < MAX_TEXT) kept.text += part.slice(0, MAX_TEXT);
      },
      onclosetag: () => {
        const kept = open.pop()?.kept;
        if (kept === undefined) return;
        const above = open.at(-1);
        const element = { ...kept, text: kept.text.trim() };
        if (above?.kept !== undefined) above.kept.children.push(element);
        else more = done(element, above?.name ?? '') && more;
      },
    },
    { xmlMode: true, lowerCaseTags: true, lowerCaseAttributeNames: true, decodeEntities: true },
  );
  parser.end(text);
}
