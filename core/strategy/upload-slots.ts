/** Fewer would leave none beside the optimistic unchoke. */
const LEAST = 2;

/**
 * Unchoke slots of one of `sharers` identities behind one address. They share an upload: had each all the slots, every
 * peer would get so little that it finds better partners, and the identities together would be slower than one (A16).
 */
export function uploadSlots(maxUploads: number, sharers: number): number {
  return Math.max(Math.min(maxUploads, LEAST), Math.ceil(maxUploads / Math.max(1, sharers)));
}
