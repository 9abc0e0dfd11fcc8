/**
 * Divides unchoke slots among identities that share one upload line, by how many leechers each has among its peers. If each had all
 * the slots, every peer would get so little that it finds better partners, and the identities together would be slower than one
 * (A16). More leechers get more of the slots, and nobody is left without.
 */
export function uploadSlots(maxUploads: number, leechers: readonly number[]): number[] {
  const slots = leechers.map(() => 0);
  for (let left = maxUploads; left > 0 && slots.length > 0; left--) {
    let most = 0;
    for (let i = 1; i < slots.length; i++) if (claim(leechers, slots, i) > claim(leechers, slots, most)) most = i;
    slots[most] = (slots[most] ?? 0) + 1;
  }
  return slots.map((count) => Math.max(count, Math.min(maxUploads, 1)));
}

/** How many leechers each of its slots would have if identity `i` got another one. */
function claim(leechers: readonly number[], slots: readonly number[], i: number): number {
  return ((leechers[i] ?? 0) + 0.5) / ((slots[i] ?? 0) + 1);
}
