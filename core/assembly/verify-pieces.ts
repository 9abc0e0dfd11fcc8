import type { PieceIndex } from '../base/ids.ts';
import { hashingOf, isPieceRight } from '../metainfo/piece-check.ts';
import type { Digesting } from '../store/layouts/recheck.ts';
import { inLanes } from '../base/lanes.ts';
import type { Info } from '../metainfo/torrent.ts';
import { type AssemblyPorts, type AssemblyWork, checkSignal } from './work.ts';

/** Memory for the pieces that are being verified, unless a single piece is larger. */
const MEMORY = 64 * 1024 * 1024;

/** What pieces are verified with: an assembly, or a look at what is there. */
interface VerifyWork extends Pick<AssemblyWork, 'geometry' | 'signal'> {
  readonly ports: Pick<AssemblyPorts, 'hasher'>;
  readonly input: { readonly info: Info };
  readonly progress: { advance(amount: number): void };
}

/** Something that pieces are read from. */
export interface PieceSource {
  /** Fills `into` with a whole piece; false where it is not there. */
  read(piece: PieceIndex, into: Uint8Array): Promise<boolean>;
  /**
   * The digest of a piece that a thread reads by itself, without our memory, and takes to where `use` would put it. Undefined where
   * that is impossible.
   */
  hash(piece: PieceIndex, digesting: Digesting): Promise<Uint8Array | undefined>;
}

/**
 * Reads each piece from the first of `sources` that has it right, and hands it to `use`, or hands over `undefined` where its bytes
 * are in place already. Reading, hashing and using overlap. Returns the pieces that none has, ascending.
 */
export async function verifyPieces(
  work: VerifyWork,
  pieces: readonly PieceIndex[],
  sources: readonly PieceSource[],
  use?: (piece: PieceIndex, data: Uint8Array | undefined) => Promise<void>,
): Promise<PieceIndex[]> {
  const { geometry, input, progress, signal } = work;
  const { hasher } = work.ports;
  const fitting = Math.floor(MEMORY / geometry.pieceLength);
  const width = Math.max(1, Math.min(fitting, hasher.parallelism + 2, pieces.length));
  const longest = Math.min(geometry.pieceLength, geometry.length);
  /** One for each lane; it moves to the thread that hashes, and back. */
  const buffers: Uint8Array[] = [];
  const bad: PieceIndex[] = [];

  /** The piece from the first source that has it right: its bytes, if they are still to be used. */
  const right = async (piece: PieceIndex, lane: number): Promise<{ data: Uint8Array | undefined } | undefined> => {
    const size = geometry.pieceSize(piece);
    const hashing = hashingOf(input.info, geometry, piece);
    const isRight = (digest: Uint8Array): boolean => isPieceRight(input.info, piece, digest);
    for (const source of sources) {
      const stored = await source.hash(piece, { size, hashing });
      if (stored !== undefined) {
        if (isRight(stored)) return { data: undefined };
        continue;
      }
      const buffer = (buffers[lane] ??= hasher.allocate(longest));
      if (!(await source.read(piece, buffer.subarray(0, size)))) continue;
      const { digest, data } = await hasher.hashMoving(buffer.subarray(0, size), hashing);
      buffers[lane] = new Uint8Array(data.buffer, 0, longest);
      if (isRight(digest)) return { data };
    }
    return undefined;
  };

  await inLanes(pieces, width, async (piece, lane) => {
    checkSignal(signal);
    const found = await right(piece, lane);
    if (found === undefined) bad.push(piece);
    else if (use !== undefined) await use(piece, found.data);
    progress.advance(geometry.pieceSize(piece));
  });
  return bad.sort((a, b) => a - b);
}
