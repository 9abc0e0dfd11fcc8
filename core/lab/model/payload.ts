import { createHash } from 'node:crypto';
import { concatBytes } from '../../base/bytes.ts';
import { BLOCK_LENGTH } from '../../metainfo/geometry.ts';
import { encodeTorrent } from '../../metainfo/make-torrent.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import type { Torrent } from '../../metainfo/torrent.ts';
import { SeededRandom } from '../../sim/random.ts';
import type { Cut } from './piece-table.ts';
import type { Payload } from './program-line.ts';

/** Bytes that all blocks are cut from: their content does not matter, but that one is not taken for another. */
const SOURCE = 1 << 20;

export interface LabPayload extends Payload {
  readonly torrent: Torrent;
}

/** A file of `size` bytes that nobody keeps: each of its blocks can be told at any time. */
export function labPayload(size: number, pieceLength: number, trackers: Torrent['trackers']): LabPayload {
  const cut = cutOf(size, pieceLength);
  const source = new SeededRandom(1).bytes(SOURCE + BLOCK_LENGTH);
  const bytesOf = (block: number): Uint8Array => {
    const at = (block * 4099) % SOURCE;
    return source.subarray(at, at + cut.sizeOf(block));
  };
  const hashes: Uint8Array[] = [];
  for (let piece = 0; piece < cut.pieces; piece++) {
    const hash = createHash('sha1');
    for (let i = 0; i < cut.blocksOf(piece); i++) hash.update(bytesOf(piece * cut.blocks + i));
    hashes.push(hash.digest());
  }
  const data = encodeTorrent({
    name: 'payload',
    version: 1,
    files: size,
    pieceLength,
    trackers,
    anyNames: true,
    private: false,
    pieceHashes: concatBytes(...hashes),
    pieceRoots: new Uint8Array(),
  });
  const torrent = parseTorrent(data);
  return { torrent, infoHash: torrent.info.infoHash, cut, bytesOf };
}

export function cutOf(size: number, pieceLength: number): Cut {
  const pieces = Math.ceil(size / pieceLength);
  const blocks = pieceLength / BLOCK_LENGTH;
  const lastLength = size - (pieces - 1) * pieceLength;
  const lastBlocks = Math.ceil(lastLength / BLOCK_LENGTH);
  const lastBlock = (pieces - 1) * blocks + lastBlocks - 1;
  return {
    pieces,
    blocks,
    blocksOf: (piece) => (piece === pieces - 1 ? lastBlocks : blocks),
    sizeOf: (block) => (block === lastBlock ? lastLength - (lastBlocks - 1) * BLOCK_LENGTH : BLOCK_LENGTH),
  };
}
