import { BLOCK_LENGTH } from '../metainfo/geometry.ts';

/** Bytes before each block for the head of the message in which it is sent: so many blocks leave in one write as they lie there. */
export const HEAD_ROOM = 13;
const STEP = HEAD_ROOM + BLOCK_LENGTH;

/** How much memory `length` bytes take with that room. */
export function spacedLength(length: number): number {
  return length + Math.ceil(length / BLOCK_LENGTH) * HEAD_ROOM;
}

/** Moves bytes that lie together at the end of `memory`, `length` in all, to their places. */
export function space(memory: Uint8Array, length: number): void {
  const from = memory.length - length;
  for (let at = 0, to = HEAD_ROOM; at < length; at += BLOCK_LENGTH, to += STEP)
    memory.copyWithin(to, from + at, from + Math.min(at + BLOCK_LENGTH, length));
}

/** The blocks that begin at `begin`, `length` bytes of them in all, each behind its room. */
export function blocksIn(memory: Uint8Array, begin: number, length: number): Uint8Array {
  const from = (begin / BLOCK_LENGTH) * STEP;
  return memory.subarray(from, from + spacedLength(length));
}

/** Fills `into` with the bytes from `begin` on, without the room between them. */
export function copySpaced(memory: Uint8Array, begin: number, into: Uint8Array): void {
  for (let at = 0; at < into.length;) {
    const inBlock = (begin + at) % BLOCK_LENGTH;
    const from = Math.floor((begin + at) / BLOCK_LENGTH) * STEP + HEAD_ROOM + inBlock;
    const count = Math.min(BLOCK_LENGTH - inBlock, into.length - at);
    into.set(memory.subarray(from, from + count), at);
    at += count;
  }
}
