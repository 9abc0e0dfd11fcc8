import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { encodeTorrent } from '../../metainfo/make-torrent.ts';

const CHUNK = 1 << 20;

/** A file to share. */
export interface Payload {
  /** Holds `payload.bin`. */
  readonly folder: string;
  readonly file: string;
  readonly bytes: number;
}

/** The same, with a torrent of it. */
export interface RealPayload extends Payload {
  readonly torrent: string;
}

/** A file of random bytes, which no disk or line can make smaller. */
export function makePayload(folder: string, bytes: number): Payload {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/payload.bin`;
  const fd = openSync(file, 'w');
  const chunk = new Uint8Array(CHUNK);
  for (let left = bytes; left > 0; left -= CHUNK) {
    randomFillSync(chunk);
    writeSync(fd, chunk, 0, Math.min(left, CHUNK));
  }
  closeSync(fd);
  return { folder, file, bytes };
}

/** Writes a torrent of it to this place. */
export function makeTorrent(
  { file, bytes }: Payload,
  to: string,
  options: {
    /** Bytes. */
    readonly pieceLength: number;
    readonly trackers: readonly string[];
    readonly webSeeds?: readonly string[];
  },
): string {
  const { pieceLength, trackers, webSeeds = [] } = options;
  const count = Math.ceil(bytes / pieceLength);
  const pieceHashes = new Uint8Array(count * 20);
  const fd = openSync(file, 'r');
  const piece = new Uint8Array(pieceLength);
  for (let i = 0; i < count; i++) {
    const length = readSync(fd, piece, 0, pieceLength, i * pieceLength);
    pieceHashes.set(createHash('sha1').update(piece.subarray(0, length)).digest(), i * 20);
  }
  closeSync(fd);
  const torrent = { name: 'payload.bin', files: bytes, pieceLength, pieceHashes, trackers: [trackers], webSeeds };
  writeFileSync(to, encodeTorrent(torrent));
  return to;
}
