import type { DownloadView } from '../../core/bridge/views.ts';

// By what downloads are grouped besides their state.

export const LABEL_KINDS = ['category', 'tag', 'tracker'] as const;
export type LabelKind = (typeof LABEL_KINDS)[number];

/** The one label of each kind that is listed alone; empty: what has none. */
export type Labels = { readonly [K in LabelKind]?: string | undefined };

/** The labels of a kind that a download has; of what has none the empty one. */
export function labelsOf(one: DownloadView, kind: LabelKind): readonly string[] {
  switch (kind) {
    case 'category':
      return [one.options.category];
    case 'tag':
      return one.options.tags.length === 0 ? WITHOUT : one.options.tags;
    case 'tracker':
      return one.trackerHosts.length === 0 ? WITHOUT : one.trackerHosts;
  }
}

const WITHOUT: readonly string[] = [''];

export function hasLabels(one: DownloadView, wanted: Labels): boolean {
  return LABEL_KINDS.every((kind) => {
    const label = wanted[kind];
    return label === undefined || labelsOf(one, kind).includes(label);
  });
}

const names = new Intl.Collator(undefined, { numeric: true });

/** How many downloads have each label of a kind, by name; those without any come first. */
export function labelCounts(
  downloads: readonly DownloadView[],
  kind: LabelKind,
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const one of downloads) for (const label of labelsOf(one, kind)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => names.compare(a, b));
}
