/** Fewer would leave none beside the optimistic unchoke. */
const LEAST = 2;

/**
 * Unchoke slots of each of the identities behind one address, which have so many peers each. They share an upload: had each all
 * the slots, every peer would get so little that it finds better partners, and the identities together would be slower than
 * one (A16). Who has more peers has more of the slots.
 */
export function uploadSlots(maxUploads: number, peers: readonly number[]): number[] {
  const slots = peers.map(() => Math.min(maxUploads, LEAST));
  for (let left = maxUploads - slots.reduce((sum, n) => sum + n, 0); left > 0; left--) {
    let most = 0;
    for (let i = 1; i < slots.length; i++) if (claim(peers, slots, i) > claim(peers, slots, most)) most = i;
    slots[most] = (slots[most] ?? 0) + 1;
  }
  return slots;
}

/** Peers that each slot would have if this one got another. */
function claim(peers: readonly number[], slots: readonly number[], i: number): number {
  return ((peers[i] ?? 0) + 1) / ((slots[i] ?? 0) + 1);
}
