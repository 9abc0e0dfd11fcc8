/**
 * Unchoke slots of each of the identities behind one upload, that have so many leechers each among their peers. Had each all
 * the slots, every peer would get so little that it finds better partners, and the identities together would be slower than
 * one (A16). Who has more leechers has more of the slots, and nobody has none.
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

/** Leechers that each slot would have if this one got another. */
function claim(leechers: readonly number[], slots: readonly number[], i: number): number {
  return ((leechers[i] ?? 0) + 0.5) / ((slots[i] ?? 0) + 1);
}
