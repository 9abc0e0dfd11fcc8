import type { Brand } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';

/** 20 bytes: a node's place among the hashes (BEP 5). Info-hashes that are looked for are targets of the same kind. */
export type NodeId = Brand<Uint8Array, 'NodeId'>;

export const ID_BYTES = 20;
const ID_BITS = 160;

/** These 20 bytes as an id; undefined for any other length. The bytes are not copied. */
export function asNodeId(data: Uint8Array | undefined): NodeId | undefined {
  return data?.length === ID_BYTES ? (data as NodeId) : undefined;
}

/** Below 0 where `a` is nearer to the target than `b` by XOR, above 0 where `b` is, 0 where they are the same. */
export function compareDistance(target: NodeId, a: NodeId, b: NodeId): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const left = a[i] ?? 0;
    const right = b[i] ?? 0;
    if (left !== right) return (left ^ (target[i] ?? 0)) - (right ^ (target[i] ?? 0));
  }
  return 0;
}

/** With how many bits in common two ids begin: 0 to 160. */
export function sharedBits(a: NodeId, b: NodeId): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return ID_BITS;
}

/** The bit of an id at a place, counted from its beginning: 0 or 1. */
export function bitAt(id: NodeId, at: number): number {
  return ((id[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
}

/** A random id that has its first `bits` bits in common with `id`, and, if `exactly`, not the next one. */
export function idNear(random: Random, id: NodeId, bits: number, exactly: boolean): NodeId {
  const out = random.bytes(ID_BYTES);
  const most = Math.min(bits, ID_BITS);
  for (let at = 0; at < ID_BITS && at <= most; at++) {
    const wanted = at < most ? bitAt(id, at) : bitAt(id, at) ^ 1;
    if (at === most && !exactly) break;
    const mask = 0x80 >> (at & 7);
    out[at >> 3] = wanted === 1 ? (out[at >> 3] ?? 0) | mask : (out[at >> 3] ?? 0) & ~mask;
  }
  return out as NodeId;
}
