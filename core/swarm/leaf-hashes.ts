import { concatBytes } from '../base/bytes.ts';
import { LEAF_LENGTH } from '../merkle/tree.ts';
import type { Hasher } from '../ports/hasher.ts';

/** The leaves over bytes that begin at a block's beginning (BEP 52), for the few pieces of which each block's hash is wanted. */
export async function leafHashes(hasher: Hasher, data: Uint8Array): Promise<Uint8Array> {
  const out: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += LEAF_LENGTH) {
    const block = data.subarray(at, at + LEAF_LENGTH);
    out.push(await hasher.hash(block, { sha1: false, tree: { bytes: block.length, height: 0 } }));
  }
  return concatBytes(...out);
}
