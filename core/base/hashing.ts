/** How bytes are hashed: SHA-1 of all of them, the root of a Merkle tree (BEP 52), or both, the SHA-1 first. */
export interface Hashing {
  readonly sha1: boolean;
  /** Over the first `bytes` of them, with 2^`height` leaves. */
  readonly tree?: { readonly bytes: number; readonly height: number };
}

/** SHA-1 alone. */
export const SHA1: Hashing = { sha1: true };

const SHA1_LENGTH = 20;
const ROOT_LENGTH = 32;
/** The most bytes that a digest has. */
export const MAX_DIGEST = SHA1_LENGTH + ROOT_LENGTH;

/** Bytes of the digest: those of both hashes, one behind the other. */
export function digestLength({ sha1, tree }: Hashing): number {
  return (sha1 ? SHA1_LENGTH : 0) + (tree === undefined ? 0 : ROOT_LENGTH);
}

/** The same for all hashings that give the same digest of the same bytes. */
export function hashingKey({ sha1, tree }: Hashing): string {
  return `${sha1 ? 1 : 0}.${tree === undefined ? '' : `${tree.bytes}.${tree.height}`}`;
}
