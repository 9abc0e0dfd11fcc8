import { concatBytes } from '../base/bytes.ts';
import { LEAF_LENGTH, leavesOf } from '../merkle/tree.ts';
import type { Clock } from '../ports/clock.ts';

/** Blocks that are hashed before others get their turn: half a millisecond's work. */
const AT_ONCE = 16;

/** The leaves over bytes that begin at a block's beginning (BEP 52), for the few pieces of which each block's hash is wanted. */
export async function leafHashes(clock: Clock, data: Uint8Array): Promise<Uint8Array> {
  const out: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += AT_ONCE * LEAF_LENGTH) {
    if (at > 0) await new Promise<void>((go) => clock.soon(go));
    out.push(leavesOf(data.subarray(at, at + AT_ONCE * LEAF_LENGTH)));
  }
  return concatBytes(...out);
}
