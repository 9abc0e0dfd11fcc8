import { concatBytes, sameBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { type Hashing, SHA1 } from '../base/hashing.ts';
import type { PieceIndex } from '../base/ids.ts';
import { hashAt, heightOf, leafCount, pieceLayer } from '../merkle/tree.ts';
import type { Geometry } from './geometry.ts';
import { pieceHash } from './parse-info.ts';
import type { Info } from './torrent.ts';

/** What says whether pieces are right. */
export type PieceHashes = Pick<Info, 'pieceHashes' | 'pieceRoots' | 'files'>;

/** Whether it is known what each piece must be: of version 2 alone that is not in the info dictionary. */
export function isCheckable({ pieceHashes, pieceRoots }: Pick<Info, 'pieceHashes' | 'pieceRoots'>): boolean {
  return pieceHashes.length > 0 || pieceRoots !== undefined;
}

/** Throws EnsembleError('invalid-torrent') where pieces cannot be checked. */
export function expectCheckable(info: Pick<Info, 'pieceHashes' | 'pieceRoots'>): void {
  if (isCheckable(info)) return;
  throw new EnsembleError(
    'invalid-torrent',
    'The torrent file has no hashes of its pieces ("piece layers"). Download it first, or ask for a whole one.',
  );
}

/** How a piece is hashed: by all that is known of it. A hybrid's must be right by both halves (docs/decisions/0023). */
export function hashingOf(info: PieceHashes, geometry: Geometry, piece: PieceIndex): Hashing {
  if (info.pieceRoots === undefined) return SHA1;
  const bytes = geometry.dataSize(piece);
  const [span] = geometry.spans(piece, 0, 1);
  const length = info.files[span?.file ?? 0]?.length ?? 0;
  const { pieceLength } = geometry;
  // The tree of a file of one piece ends with the file.
  const height = length <= pieceLength ? heightOf(leafCount(length)) : pieceLayer(pieceLength);
  return { sha1: info.pieceHashes.length > 0, tree: { bytes, height } };
}

/**
 * Throws EnsembleError('invalid-torrent') for a hybrid's piece that only one of its halves calls right: then the halves describe other
 * bytes, and whoever sends the piece cannot be blamed.
 */
export function expectAgreement(info: PieceHashes, piece: PieceIndex, digest: Uint8Array): void {
  const { pieceHashes, pieceRoots } = info;
  if (pieceHashes.length === 0 || pieceRoots === undefined) return;
  const hash = pieceHash(info, piece);
  const byHash = sameBytes(digest.subarray(0, hash.length), hash);
  if (byHash === sameBytes(digest.subarray(hash.length), hashAt(pieceRoots, piece))) return;
  throw new EnsembleError(
    'invalid-torrent',
    `Piece ${piece} can never be right: the torrent's halves of version 1 and 2 describe other bytes. Ask for another torrent.`,
  );
}

/** Whether a piece is right by what `hashingOf` made of its bytes. */
export function isPieceRight(info: PieceHashes, piece: PieceIndex, digest: Uint8Array): boolean {
  expectCheckable(info);
  const hash = pieceHash(info, piece);
  return sameBytes(digest, info.pieceRoots === undefined ? hash : concatBytes(hash, hashAt(info.pieceRoots, piece)));
}
