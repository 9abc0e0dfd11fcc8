import type { TorrentKey } from '../../../core/base/ids.ts';
import type { ImportCandidate } from '../../../core/bridge/import-candidate.ts';

/** A torrent of another client in the list of the dialog. */
export interface Candidate {
  readonly id: number;
  readonly torrent: ImportCandidate;
  /** The user wants it. */
  readonly chosen: boolean;
}

export function candidatesOf(found: readonly ImportCandidate[]): readonly Candidate[] {
  return found.map((torrent, id) => ({ id, torrent, chosen: true }));
}

/** Whether it can be taken over. */
export function isOpen({ torrent: { key, how, present } }: Candidate): boolean {
  return key !== null && how !== null && !present;
}

/** Whether there is nothing to import yet: the place is another than the one that was looked at, or that had nothing. */
export function isToBeLooked(
  place: string,
  looked: { readonly place: string; readonly found: readonly Candidate[] | undefined },
): boolean {
  return place !== looked.place || looked.found === undefined || looked.found.length === 0;
}

export function withChosen(all: readonly Candidate[], id: number | undefined, chosen: boolean): readonly Candidate[] {
  return all.map((one) => ((id === undefined || one.id === id) && one.chosen !== chosen ? { ...one, chosen } : one));
}

export interface Chosen {
  /** How many can be taken over. */
  readonly open: number;
  /** Those of them that are wanted. */
  readonly wanted: readonly TorrentKey[];
  readonly present: number;
  readonly refused: number;
  /** Some that could be taken are not seeded where they are, and bytes of those that are wanted. */
  readonly elsewhere: boolean;
  readonly need: number;
}

export function chosenOf(all: readonly Candidate[]): Chosen {
  const open = all.filter(isOpen);
  const wanted = open.filter(({ chosen }) => chosen);
  const moved = ({ torrent }: Candidate): boolean => torrent.how !== 'in-place';
  const present = all.filter(({ torrent }) => torrent.present).length;
  return {
    open: open.length,
    wanted: wanted.flatMap(({ torrent: { key } }) => (key === null ? [] : [key])),
    present,
    refused: all.length - open.length - present,
    elsewhere: open.some(moved),
    need: wanted.filter(moved).reduce((sum, { torrent }) => sum + (torrent.length ?? 0), 0),
  };
}
