import { type BencodeValue, encode, encodeDictionary, isDict } from '../bencode/bencode.ts';
import type { Info, TorrentFile } from '../metainfo/torrent.ts';
import { HASH_LENGTH, heightOf, leafCount, pieceLayer } from '../merkle/tree.ts';
import { Record } from './record.ts';

/**
 * The bencoded `piece layers` of a torrent of version 2 from libtorrent's `trees`: by file the hashes of those nodes, from the root down, that `mask`
 * says are there. Undefined where some are missing.
 */
export function layersOf(trees: readonly BencodeValue[], info: Info): Uint8Array | undefined {
  const layers: [Uint8Array, Uint8Array][] = [];
  for (const [i, file] of info.files.entries()) {
    if (file.root === undefined || file.length <= info.pieceLength) continue;
    const tree = trees[i];
    const layer = isDict(tree) ? layerOf(new Record(tree), file, info.pieceLength) : undefined;
    if (layer === undefined) return undefined;
    layers.push([file.root, encode(layer)]);
  }
  return layers.length === 0 ? undefined : encodeDictionary(layers);
}

function layerOf(tree: Record, { length }: TorrentFile, pieceLength: number): Uint8Array | undefined {
  const hashes = tree.bytes('hashes');
  const depth = heightOf(leafCount(length)) - pieceLayer(pieceLength);
  if (hashes === undefined || depth < 0) return undefined;
  const first = 2 ** depth - 1;
  const end = first + Math.ceil(length / pieceLength);
  // Without a mask all are there.
  const mask = tree.bytes('mask') ?? new Uint8Array(hashes.length / HASH_LENGTH).fill(SET);
  let before = 0;
  for (let node = 0; node < first; node++) if (mask[node] === SET) before++;
  for (let node = first; node < end; node++) if (mask[node] !== SET) return undefined;
  const layer = hashes.slice(before * HASH_LENGTH, (before + end - first) * HASH_LENGTH);
  return layer.length === (end - first) * HASH_LENGTH ? layer : undefined;
}

/** "1" */
const SET = 0x31;
