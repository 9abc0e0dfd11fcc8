import type { TorrentKey } from '../../../../core/base/ids.ts';
import type { Preview } from '../../../../core/bridge/contract.ts';

/** What is known of a torrent in the list, and becomes of it. */
export type Fate =
  | { readonly kind: 'reading' | 'ready' | 'present' | 'twice' | 'adding' | 'added' }
  /** It cannot be read, or the program did not take it; `why` is a sentence. */
  | { readonly kind: 'refused' | 'failed'; readonly why: string };

/** What the list tells of a torrent. */
export interface Facts {
  readonly key: TorrentKey;
  /** Bytes; `null` for a magnet link, whose files are not known either. */
  readonly length: number | null;
  readonly files: number;
  readonly private: boolean;
  /** How many files are named otherwise than in the torrent, and how many notes there are. */
  readonly renamed: number;
  readonly notes: number;
}

export interface Row {
  /** The offer's. */
  readonly id: number;
  readonly name: string;
  /** Undefined until it is read, and where it cannot be. */
  readonly facts: Facts | undefined;
  readonly fate: Fate;
  /** The user wants it. */
  readonly chosen: boolean;
}

export function newRow(id: number, name: string): Row {
  return { id, name, facts: undefined, fate: { kind: 'reading' }, chosen: true };
}

/** Whether it can be chosen, and added. */
export function isOpen({ fate }: Row): boolean {
  return fate.kind === 'ready' || fate.kind === 'failed';
}

/** Whether it will be added. */
export function isWanted(row: Row): boolean {
  return row.chosen && isOpen(row);
}

/** Whether it is not added, and the list says why. */
export function isLeftOut({ fate }: Row): boolean {
  return fate.kind === 'refused' || fate.kind === 'failed' || fate.kind === 'present' || fate.kind === 'twice';
}

/** With what the program found in one of them. The same torrent a second time is left out. */
export function withPreview(rows: readonly Row[], id: number, preview: Omit<Preview, 'files'>): readonly Row[] {
  const { key, name, length, fileCount: files, notes, renamed } = preview;
  const twice = rows.some((row) => row.id !== id && row.facts?.key === key && row.fate.kind !== 'twice');
  const facts = {
    key,
    length,
    files,
    private: preview.private,
    renamed: renamed.count,
    notes: notes.length,
  };
  const kind = preview.present ? 'present' : twice ? 'twice' : 'ready';
  return rows.map((row) => (row.id === id ? { ...row, name, facts, fate: { kind } } : row));
}

export function withFate(rows: readonly Row[], id: number, fate: Fate): readonly Row[] {
  return rows.map((row) => (row.id === id ? { ...row, fate } : row));
}

export function withChosen(rows: readonly Row[], ids: ReadonlySet<number>, chosen: boolean): readonly Row[] {
  return rows.map((row) => (ids.has(row.id) ? { ...row, chosen } : row));
}

export interface ListTally {
  readonly reading: number;
  /** How many can be added, how many of these are wanted, and what those hold. */
  readonly open: number;
  readonly wanted: number;
  readonly bytes: number;
  readonly private: number;
  readonly added: number;
  readonly refused: number;
  readonly failed: number;
  /** In the list of downloads already, or twice among these. */
  readonly known: number;
}

export function tally(rows: readonly Row[]): ListTally {
  const count = (test: (row: Row) => boolean): number => rows.reduce((sum, row) => sum + (test(row) ? 1 : 0), 0);
  const of = (...kinds: readonly Fate['kind'][]): number => count(({ fate }) => kinds.includes(fate.kind));
  const wanted = rows.filter(isWanted);
  return {
    reading: of('reading'),
    open: count(isOpen),
    wanted: wanted.length,
    bytes: wanted.reduce((sum, { facts }) => sum + (facts?.length ?? 0), 0),
    private: wanted.filter(({ facts }) => facts?.private === true).length,
    added: of('added'),
    refused: of('refused'),
    failed: of('failed'),
    known: of('present', 'twice'),
  };
}
