import { sameBytes, toHex } from '../base/bytes.ts';
import { encode, encodeDictionary } from '../bencode/bencode.ts';
import { Reader, Token } from '../bencode/reader.ts';
import { HASH_LENGTH, fileRootOf } from '../merkle/tree.ts';
import { fieldError } from './fields.ts';
import type { Info, TorrentFile } from './torrent.ts';

type Pieces = Pick<Info, 'files' | 'pieceLength' | 'pieceCount'>;

/** The roots of a file's pieces, where they are known. */
export type LayerOf = (file: TorrentFile & { readonly root: Uint8Array }) => Uint8Array | undefined;

/**
 * The roots of all pieces of a torrent of version 2, in order, as `Info.pieceRoots`; undefined where some are not known. A file of
 * one piece has its root; `layerOf` is asked for the others' piece layers, which were checked.
 */
export function pieceRootsOf({ files, pieceLength, pieceCount }: Pieces, layerOf: LayerOf): Uint8Array | undefined {
  const out = new Uint8Array(pieceCount * HASH_LENGTH);
  for (const file of files) {
    const { root } = file;
    if (root === undefined) continue;
    const layer = file.length <= pieceLength ? root : layerOf({ ...file, root });
    if (layer === undefined) return undefined;
    out.set(layer, (file.offset / pieceLength) * HASH_LENGTH);
  }
  return out;
}

/** Whether these are the roots of a file's pieces: as many as it has, under its root. */
export function isLayerOf(
  { length, root }: Pick<TorrentFile, 'length' | 'root'>,
  pieceLength: number,
  layer: Uint8Array,
): boolean {
  if (root === undefined || layer.length !== Math.ceil(length / pieceLength) * HASH_LENGTH) return false;
  return sameBytes(fileRootOf(layer, pieceLength), root);
}

/**
 * Checks the `piece layers` of a torrent file (BEP 52) against the files of its info dictionary. Returns what `pieceRootsOf` does:
 * they may be missing, as from a magnet link, but none may be wrong or of another torrent. Throws EnsembleError('invalid-torrent').
 */
export function readPieceLayers(raw: Uint8Array | undefined, info: Pieces): Uint8Array | undefined {
  if (raw?.[0] !== Token.dictionary) return undefined;
  const byRoot = new Map<string, TorrentFile>();
  for (const file of info.files) {
    if (file.root !== undefined && file.length > info.pieceLength) byRoot.set(toHex(file.root), file);
  }
  const layers = new Map<string, Uint8Array>();
  const reader = new Reader(raw, true);
  reader.take(Token.dictionary);
  while (!reader.take(Token.end)) {
    reader.string();
    const root = toHex(raw.subarray(reader.start, Math.min(reader.end, reader.start + HASH_LENGTH + 1)));
    const file = byRoot.get(root);
    if (file === undefined || layers.has(root)) throw wrong(root, 'there', 'once, for a file of more than one piece');
    if (!reader.nextIsString) throw wrong(root, 'of another kind', 'a string of hashes');
    reader.string();
    const layer = raw.subarray(reader.start, reader.end);
    if (!isLayerOf(file, info.pieceLength, layer)) {
      throw wrong(root, `${layer.length} bytes that do not lead to it`, 'the hashes of the pieces under this root');
    }
    layers.set(root, layer);
  }
  return pieceRootsOf(info, ({ root }) => layers.get(toHex(root)));
}

/** The torrent with these piece layers, which came from anywhere: where any is wrong, without them. */
export function withLayers(info: Info, raw: Uint8Array | undefined): Info {
  try {
    const pieceRoots = info.id.v2 === undefined ? undefined : readPieceLayers(raw, info);
    return pieceRoots === undefined ? info : { ...info, pieceRoots };
  } catch {
    return info;
  }
}

/** The bencoded `piece layers` of a torrent's file. */
export function encodePieceLayers({
  files,
  pieceLength,
  pieceRoots,
}: Pieces & { readonly pieceRoots: Uint8Array }): Uint8Array {
  const layers = new Map<string, readonly [Uint8Array, Uint8Array]>();
  for (const { root, length, offset } of files) {
    if (root === undefined || length <= pieceLength) continue;
    const first = offset / pieceLength;
    const end = first + Math.ceil(length / pieceLength);
    layers.set(toHex(root), [root, encode(pieceRoots.subarray(first * HASH_LENGTH, end * HASH_LENGTH))]);
  }
  return encodeDictionary(layers.values());
}

function wrong(root: string, value: string, expected: string): Error {
  return fieldError(`piece layers: ${root}`, value, expected);
}
