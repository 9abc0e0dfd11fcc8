/** Ascending indexes as people read them: `3, 5-9, 12`; cut after `most` ranges. */
export function ranges(indexes: readonly number[], most = 20): string {
  const out: string[] = [];
  for (let i = 0; i < indexes.length;) {
    const first = indexes[i] ?? 0;
    let last = first;
    while (indexes[i + 1] === last + 1) {
      i++;
      last++;
    }
    i++;
    if (out.length === most) return `${out.join(', ')}, ...`;
    out.push(first === last ? String(first) : `${first}-${last}`);
  }
  return out.join(', ');
}
