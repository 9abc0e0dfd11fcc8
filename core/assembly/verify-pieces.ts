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
  const buffers: Uint8Array[] = [];
  const bad: PieceIndex[] = [];

  const isRight = async (piece: PieceIndex, data: Uint8Array): Promise<boolean> => {
    for (const read of sources) {
      if (!(await read(piece, data))) continue;
      if (sameBytes(await hasher.sha1(data), pieceHash(input.info, piece))) return true;
    }
    return false;
  };

  await inLanes(pieces, width, async (piece, lane) => {
    checkSignal(signal);
    const buffer = (buffers[lane] ??= hasher.allocate(Math.min(geometry.pieceLength, geometry.length)));
    const data = buffer.subarray(0, geometry.pieceSize(piece));
    if (!(await isRight(piece, data))) bad.push(piece);
    else if (use !== undefined) await use(piece, data);
    progress.advance(data.length);
  });
  return bad.sort((a, b) => a - b);
}
