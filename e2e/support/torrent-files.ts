import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import type { MadeTorrent } from './clients.ts';

/** Makes a torrent of one file of `folder` beside it, without starting a process: for tests with many of them. */
export async function makeSmallTorrent(
  folder: string,
  name: string,
  pieceLength: number,
  tracker: string,
): Promise<MadeTorrent> {
  const data = await readFile(join(folder, name));
  const hashes: Buffer[] = [];
  for (let at = 0; at < data.length; at += pieceLength) {
    const piece = data.subarray(at, at + pieceLength);
    hashes.push(createHash('sha1').update(piece).digest());
  }
  const pieceHashes = Buffer.concat(hashes);
  const encoded = encodeTorrent({ name, files: data.length, pieceLength, pieceHashes, trackers: [[tracker]] });
  const torrent = `${folder}.${name}.torrent`;
  await writeFile(torrent, encoded);
  return { torrent, infoHash: parseTorrent(encoded).info.infoHash, folder };
}

/** Makes a sparse file in `folder`, all zeros but for noise in a few places, and its torrent beside the folder. */
export async function makeSparseTorrent(
  folder: string,
  name: string,
  length: number,
  pieceLength: number,
  tracker: string,
): Promise<MadeTorrent> {
  const count = Math.ceil(length / pieceLength);
  const places = [0, 3.9, count / 2, count - 1].map((piece) => Math.floor(piece * pieceLength));
  const file = await open(join(folder, name), 'w+');
  const hash = (data: Uint8Array): Buffer => createHash('sha1').update(data).digest();
  const zeros = hash(new Uint8Array(pieceLength));
  const hashes: Buffer[] = [];
  try {
    await file.truncate(length);
    for (const at of places) await file.write(randomBytes(Math.min(pieceLength, length - at)), 0, undefined, at);
    const noisy = new Set(
      places.flatMap((at) => [at, at + pieceLength - 1].map((byte) => Math.floor(byte / pieceLength))),
    );
    const piece = Buffer.alloc(pieceLength);
    for (let p = 0; p < count; p++) {
      const size = Math.min(pieceLength, length - p * pieceLength);
      if (!noisy.has(p) && size === pieceLength) hashes.push(zeros);
      else {
        await file.read(piece, 0, size, p * pieceLength);
        hashes.push(hash(piece.subarray(0, size)));
      }
    }
  } finally {
    await file.close();
  }
  const pieceHashes = Buffer.concat(hashes);
  const encoded = encodeTorrent({ name, files: length, pieceLength, pieceHashes, trackers: [[tracker]] });
  const torrent = `${folder}.${name}.torrent`;
  await writeFile(torrent, encoded);
  return { torrent, infoHash: parseTorrent(encoded).info.infoHash, folder };
}
