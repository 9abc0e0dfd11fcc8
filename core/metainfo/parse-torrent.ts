import { type Endpoint, parseEndpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';
import type { BencodeValue } from '../bencode/bencode.ts';
import { LenientFields } from '../bencode/lenient.ts';
import { Token } from '../bencode/reader.ts';
import { readTrackers, readWebSeeds } from './announce-urls.ts';
import { fieldError, shownText, textOf } from './fields.ts';
import { Notes } from './notes.ts';
import { TORRENT_LIMITS, asTorrentError, parseInfo } from './parse-info.ts';
import { readPieceLayers } from './piece-layers.ts';
import type { Torrent } from './torrent.ts';

/** The fields that are read, besides those that only inform people. */
const FIELDS = ['info', 'encoding', 'announce', 'announce-list', 'url-list', 'nodes', 'piece layers'];
const TEXTS = ['comment', 'comment.utf-8', 'created by'] as const;

/** Most nodes that are taken from a torrent file. */
const MAX_NODES = 64;

/**
 * Reads a torrent file (BEP 3, 5, 12, 19, 27, 47, 52) as other clients do: what is odd and harms nobody is left out with a note
 * (docs/decisions/0003). `named`: the info-hash that is its name here, which it must have. Throws EnsembleError('invalid-torrent') that
 * names the field.
 */
export function parseTorrent(data: Uint8Array, named?: InfoHash): Torrent {
  const fields = asTorrentError(
    'torrent file',
    () => new LenientFields(data, [...FIELDS, ...TEXTS, 'creation date'], TORRENT_LIMITS),
  );
  const raw = fields.raw('info');
  if (raw === undefined) throw fieldError('info', undefined, 'a dictionary');
  const notes = new Notes();
  const encoding = text(fields, 'encoding', notes);
  const read = parseInfo(raw, named, encoding === undefined ? {} : { encoding });
  const layers = fields.raw('piece layers');
  if (layers !== undefined && layers[0] !== Token.dictionary && read.id.v2 !== undefined) {
    notes.leftOut('piece layers', fields.value('piece layers'), 'a dictionary');
  }
  const pieceRoots = read.id.v2 === undefined ? undefined : readPieceLayers(layers, read);
  const info = pieceRoots === undefined ? read : { ...read, pieceRoots };
  const trackers = readTrackers(fields, notes);
  const webSeeds = readWebSeeds(fields, notes);
  const [comment, utf8, createdBy] = TEXTS.map((field) => text(fields, field, notes));
  const date = readDate(fields, notes);
  const shown = utf8 ?? comment;
  return {
    info,
    trackers,
    webSeeds,
    nodes: readNodes(fields.value('nodes')),
    ...(shown !== undefined && { comment: shown }),
    ...(createdBy !== undefined && { createdBy }),
    ...(date !== undefined && { creationDate: date }),
    notes: [...info.notes, ...notes.list],
  };
}

/** Text for people. */
function text(fields: LenientFields, field: string, notes: Notes): string | undefined {
  const value = fields.value(field);
  if (value instanceof Uint8Array) return shownText(value);
  if (value !== undefined) notes.leftOut(field, value, 'a string');
  return undefined;
}

/** Unix seconds. */
function readDate(fields: LenientFields, notes: Notes): number | undefined {
  const value = fields.value('creation date');
  if (typeof value === 'number' && value >= 0) return Number.isSafeInteger(value) && value > 0 ? value : undefined;
  if (value !== undefined) notes.leftOut('creation date', value, 'seconds since 1970');
  return undefined;
}

/** `nodes`, a list of pairs of host and port. Nobody needs them to read the torrent: what is malformed is left out. */
function readNodes(value: BencodeValue | undefined): Endpoint[] {
  const out: Endpoint[] = [];
  for (const pair of Array.isArray(value) ? value : []) {
    if (out.length >= MAX_NODES) break;
    const [host, port] = Array.isArray(pair) ? pair : [];
    if (!(host instanceof Uint8Array) || typeof port !== 'number') continue;
    const text = textOf(host).trim();
    const node = parseEndpoint(text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`);
    if (node !== undefined && node.host.length <= 255) out.push(node);
  }
  return out;
}
