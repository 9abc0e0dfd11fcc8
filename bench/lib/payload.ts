import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';

const MIB = 1 << 20;

export interface Payload {
  /** Holds `payload.bin`. */
  readonly folder: string;
  readonly file: string;
  readonly bytes: number;
}

/** A file of random bytes. */
export function makePayload(folder: string, mib: number): Payload {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/payload.bin`;
  const fd = openSync(file, 'w');
  const chunk = new Uint8Array(MIB);
  for (let i = 0; i < mib; i++) {
    randomFillSync(chunk);
    writeSync(fd, chunk);
  }
  closeSync(fd);
  return { folder, file, bytes: mib * MIB };
}

/** Writes a torrent of that file, with pieces of so many KiB. */
export function makeTorrent(
  payload: Payload,
  pieceKib: number,
  trackers: readonly string[],
  to: string,
  webSeeds: readonly string[] = [],
): string {
  const pieceLength = pieceKib * 1024;
  const count = Math.ceil(payload.bytes / pieceLength);
  const hashes = new Uint8Array(count * 20);
  const file = openSync(payload.file, 'r');
  const piece = new Uint8Array(pieceLength);
  for (let i = 0; i < count; i++) {
    const length = readSync(file, piece, 0, pieceLength, i * pieceLength);
    hashes.set(createHash('sha1').update(piece.subarray(0, length)).digest(), i * 20);
  }
  closeSync(file);
  writeFileSync(
    to,
    encodeTorrent({
      name: 'payload.bin',
      files: payload.bytes,
      pieceLength,
      pieceHashes: hashes,
      trackers: [trackers],
      webSeeds,
    }),
  );
  return to;
}
