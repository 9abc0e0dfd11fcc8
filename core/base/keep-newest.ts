/** Forgets of a map or set what was put into it first, until at most so many are left. */
export function keepNewest<K>(all: Pick<Map<K, unknown> | Set<K>, 'size' | 'keys' | 'delete'>, most: number): void {
  if (all.size <= most) return;
  for (const oldest of all.keys()) {
    if (all.size <= most) return;
    all.delete(oldest);
  }
}
