import { createHash } from 'node:crypto';
import { concatBytes } from '../../base/bytes.ts';
import { type BencodeInput, encode, encodeDictionary } from '../../bencode/bencode.ts';
import { fileRootOf, leavesOf, pieceRootOf } from '../../merkle/tree.ts';

export type Fields = Record<string, BencodeInput | undefined>;

/** A file of a torrent that is made for a test. */
export interface V2File {
  readonly path: readonly string[];
  readonly length: number;
}

/** What a torrent of version 2 is made of; tests change it before they encode it. */
export interface V2Parts {
  readonly info: Fields;
  /** Hashes of the pieces by root: `piece layers`. */
  readonly layers: [Uint8Array, Uint8Array][];
  /** The root of each piece, in order. */
  readonly pieceRoots: Uint8Array;
  /** The bytes of each file. */
  readonly contents: Uint8Array[];
}

/** Bytes of a file, other ones for each `seed`. */
export function contentOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i * 31) ^ (i >>> 8) ^ (seed * 77)) & 0xff);
}

/** `files` in the order of their paths' bytes. `hybrid`: with the fields of version 1, each file padded to a piece, the last one as `tail` says. */
export function v2Parts(
  files: readonly V2File[],
  pieceLength: number,
  { hybrid = false, tail = true }: { readonly hybrid?: boolean; readonly tail?: boolean } = {},
): V2Parts {
  const contents = files.map(({ length }, i) => contentOf(length, i));
  const tree: Fields = {};
  const layers: [Uint8Array, Uint8Array][] = [];
  const roots: Uint8Array[] = [];
  for (const [i, { path, length }] of files.entries()) {
    const data = contents[i] ?? new Uint8Array();
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < length; at += pieceLength)
      pieces.push(pieceRootOf(leavesOf(data.subarray(at, at + pieceLength)), pieceLength, length));
    const layer = concatBytes(...pieces);
    roots.push(layer);
    const root = fileRootOf(layer, pieceLength);
    if (pieces.length > 1) layers.push([root, layer]);
    let folder = tree;
    for (const name of path) folder = (folder[name] ??= {}) as Fields;
    folder[''] = length > 0 ? { length, 'pieces root': root } : { length };
  }
  const v1 = hybrid ? v1Fields(files, contents, pieceLength, tail) : {};
  return {
    info: { name: 'v2', 'meta version': 2, 'piece length': pieceLength, 'file tree': tree, ...v1 },
    layers,
    pieceRoots: concatBytes(...roots),
    contents,
  };
}

function v1Fields(
  files: readonly V2File[],
  contents: readonly Uint8Array[],
  pieceLength: number,
  tail: boolean,
): Fields {
  const list: Fields[] = [];
  const bytes: Uint8Array[] = [];
  for (const [i, { path, length }] of files.entries()) {
    list.push({ path, length });
    bytes.push(contents[i] ?? new Uint8Array());
    const pad = Math.ceil(length / pieceLength) * pieceLength - length;
    if (pad === 0 || (i === files.length - 1 && !tail)) continue;
    list.push({ path: ['.pad', String(pad)], length: pad, attr: 'p' });
    bytes.push(new Uint8Array(pad));
  }
  const all = concatBytes(...bytes);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += pieceLength)
    pieces.push(
      createHash('sha1')
        .update(all.subarray(at, at + pieceLength))
        .digest(),
    );
  return { files: list, pieces: concatBytes(...pieces) };
}

/** A torrent file, with its piece layers unless others are given. */
export function encodeV2({ info, layers }: Pick<V2Parts, 'info' | 'layers'>, fields: Fields = {}): Uint8Array {
  const all: (readonly [string, Uint8Array])[] = [
    ['info', encode(info)],
    ['piece layers', encodeLayers(layers)],
  ];
  const others = Object.entries(fields).map(([key, value]) => [key, encode(value ?? '')] as const);
  return encodeDictionary([...all.filter(([key]) => !(key in fields)), ...others]);
}

function encodeLayers(layers: V2Parts['layers']): Uint8Array {
  return encodeDictionary(layers.map(([root, layer]) => [root, encode(layer)]));
}
