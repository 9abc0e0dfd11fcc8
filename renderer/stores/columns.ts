import { MAX_COLUMN, MIN_COLUMN } from '../../core/engine/settings.ts';
import type { SortKey } from './sort.ts';

/** The table's columns, each with the width that it has at first, in pixels. */
const WIDTHS = {
  place: 52,
  name: 320,
  progress: 132,
  size: 84,
  state: 150,
  down: 88,
  up: 88,
  timeLeft: 104,
  ratio: 64,
  seeds: 60,
  peers: 60,
  category: 110,
  tags: 120,
  tracker: 150,
  added: 150,
  finished: 150,
  received: 84,
  sent: 84,
  active: 96,
  folder: 220,
  files: 64,
  identities: 84,
  downLimit: 88,
  upLimit: 88,
} as const satisfies Readonly<Partial<Record<SortKey, number>>>;

export type ColumnId = keyof typeof WIDTHS;
export const COLUMN_IDS = Object.keys(WIDTHS) as readonly ColumnId[];

/** A column that is shown. */
export interface Column {
  readonly id: ColumnId;
  readonly width: number;
}

const SHOWN_FIRST: readonly ColumnId[] = [
  'name',
  'progress',
  'size',
  'state',
  'down',
  'up',
  'timeLeft',
  'ratio',
  'seeds',
  'peers',
  'category',
  'tracker',
  'added',
];

const column = (id: ColumnId): Column => ({ id, width: WIDTHS[id] });

/** As they are until somebody changes them. */
export const USUAL_COLUMNS: readonly Column[] = SHOWN_FIRST.map(column);

/** Shows a column, after those that stand before it in the list of all, or hides it. The name is always shown. */
export function toggled(columns: readonly Column[], id: ColumnId): readonly Column[] {
  if (id === 'name') return columns;
  if (columns.some((one) => one.id === id)) return columns.filter((one) => one.id !== id);
  const place = COLUMN_IDS.indexOf(id);
  const after = columns.findLastIndex((one) => COLUMN_IDS.indexOf(one.id) < place);
  return columns.toSpliced(after + 1, 0, column(id));
}

/** Puts a column at the place `to`, counted without it. */
export function moved(columns: readonly Column[], id: ColumnId, to: number): readonly Column[] {
  const found = columns.find((one) => one.id === id);
  if (found === undefined) return columns;
  const others = columns.filter((one) => one.id !== id);
  return others.toSpliced(Math.min(others.length, Math.max(0, to)), 0, found);
}

export function sized(columns: readonly Column[], id: ColumnId, width: number): readonly Column[] {
  const bounded = boundedWidth(width);
  return columns.map((one) => (one.id === id ? { id, width: bounded } : one));
}

export const boundedWidth = (width: number): number => Math.round(Math.min(MAX_COLUMN, Math.max(MIN_COLUMN, width)));

/** Those that this window knows, each once, the name among them. */
export function readColumns(kept: readonly { readonly id: string; readonly width: number }[]): readonly Column[] {
  const known = new Map<ColumnId, Column>();
  for (const { id, width } of kept) {
    const found = COLUMN_IDS.find((one) => one === id);
    if (found !== undefined && !known.has(found)) known.set(found, { id: found, width: boundedWidth(width) });
  }
  return known.has('name') ? [...known.values()] : [column('name'), ...known.values()];
}

/** Figures, which stand to the right. */
export const isNumeric = (id: ColumnId): boolean => NUMERIC.has(id);

const NUMERIC: ReadonlySet<ColumnId> = new Set<ColumnId>([
  'place',
  'size',
  'down',
  'up',
  'timeLeft',
  'ratio',
  'seeds',
  'peers',
  'received',
  'sent',
  'active',
  'files',
  'identities',
  'downLimit',
  'upLimit',
]);
