import { Token } from '../bencode/reader.ts';
import type { LenientFields } from '../bencode/lenient.ts';
import { bytesField, fieldError, integerField } from './fields.ts';
import { type TorrentName, readFiles } from './file-list.ts';
import type { NameText } from './name-text.ts';
import type { Notes } from './notes.ts';
import type { TorrentFile } from './torrent.ts';

/** Bytes of a SHA-1. */
export const SHA1_LENGTH = 20;

/** Names in which no character would stay. */
// oxlint-disable-next-line no-control-regex -- they are what does not stay
const MEANINGLESS = /^[\x00-\x20\x7f-\x9f./\\]*$/;

/** The hashes of a torrent of version 1: a view. */
export function readHashes(fields: LenientFields): Uint8Array {
  const hashes = bytesField(fields, 'pieces');
  if (hashes === undefined) throw fieldError('pieces', fields.value('pieces'), 'a string of hashes');
  if (hashes.length % SHA1_LENGTH !== 0 || hashes.length === 0) {
    throw fieldError('pieces', `${hashes.length} bytes`, 'one or more hashes of 20 bytes');
  }
  return hashes;
}

/** The one file of a torrent of version 1, or all of them. A list counts even where there is a length, too. */
export function readContent(fields: LenientFields, name: TorrentName, names: NameText, notes: Notes): TorrentFile[] {
  const list = fields.raw('files');
  if (list?.[0] === Token.list) {
    if (fields.raw('length') !== undefined)
      notes.leftOut('length', fields.value('length'), 'absent, as there are "files"');
    const files = readFiles(list, name, names);
    if (files.length === 0) throw fieldError('files', [], 'a list of at least one file');
    return files;
  }
  if (fields.raw('length') === undefined) throw fieldError('length', undefined, 'there, or a list of "files"');
  if (list !== undefined) notes.leftOut('files', fields.value('files'), 'a list');
  // A folder may be called anything, but here there would be nothing left of the one name.
  if (MEANINGLESS.test(name.own)) throw fieldError('name', fields.value('name'), 'a file name');
  const length = integerField(fields, 'length', 0, Number.MAX_SAFE_INTEGER);
  const own = name.own === name.safe ? {} : { own: [name.own] };
  return [{ path: [name.safe], ...own, length, offset: 0, padding: false }];
}

/** Bytes of all files of version 1, padding included. */
export function totalLength(files: readonly TorrentFile[]): number {
  const last = files[files.length - 1];
  return last === undefined ? 0 : last.offset + last.length;
}
