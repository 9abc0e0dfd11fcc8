import { sameBytes } from '../base/bytes.ts';
import type { PieceIndex } from '../base/ids.ts';
import { pieceHash } from '../metainfo/parse-info.ts';
import { inLanes } from '../base/lanes.ts';
import { type AssemblyWork, checkSignal } from './work.ts';

/** Memory for the pieces in hand, unless one piece alone is larger. */
const MEMORY = 64 * 1024 * 1024;

/** Fills `into` with a whole piece; false where it is not there. */
export type ReadPiece = (piece: PieceIndex, into: Uint8Array) => Promise<boolean>;

/**
 * Reads each piece from the first of `sources` that has it right, and hands it to `use`. Reading, hashing and using go
 * on side by side. Returns the pieces that none has, ascending.
 */
export async function verifyPieces(
  work: AssemblyWork,
  pieces: readonly PieceIndex[],
  sources: readonly ReadPiece[],
  use?: (piece: PieceIndex, data: Uint8Array) => Promise<void>,
): Promise<PieceIndex[]> {
  const { geometry, input, progress, signal } = work;
  const { hasher } = work.ports;
  const fitting = Math.floor(MEMORY / geometry.pieceLength);
  const width = Math.max(1, Math.min(fitting, hasher.parallelism + 2, pieces.length));
  const longest = Math.min(geometry.pieceLength, geometry.length);
  /** Of each lane; it moves to the thread that hashes, and back. */
  const buffers: Uint8Array[] = [];
  const bad: PieceIndex[] = [];

  /** The piece's bytes from the first source that has it right. */
  const right = async (piece: PieceIndex, lane: number): Promise<Uint8Array | undefined> => {
    const size = geometry.pieceSize(piece);
    for (const read of sources) {
      const buffer = (buffers[lane] ??= hasher.allocate(longest));
      if (!(await read(piece, buffer.subarray(0, size)))) continue;
      const { digest, data } = await hasher.sha1Moving(buffer.subarray(0, size));
      buffers[lane] = new Uint8Array(data.buffer, 0, longest);
      if (sameBytes(digest, pieceHash(input.info, piece))) return data;
    }
    return undefined;
  };

  await inLanes(pieces, width, async (piece, lane) => {
    checkSignal(signal);
    const data = await right(piece, lane);
    if (data === undefined) bad.push(piece);
    else if (use !== undefined) await use(piece, data);
    progress.advance(geometry.pieceSize(piece));
  });
  return bad.sort((a, b) => a - b);
}
