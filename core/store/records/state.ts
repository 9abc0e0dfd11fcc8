import { Bitfield } from '../../base/bitfield.ts';
import {
  type IdentityIndex,
  type InfoHash,
  type PieceIndex,
  piece as pieceIndex,
  unknownOwners,
} from '../../base/ids.ts';
import { type Disk, diskCode } from '../../ports/disk.ts';
import type { BegunRecord } from './begun-record.ts';
import { journalPath, journalsIn, JournalState, readJournal } from './journal.ts';
import { decodeResume, encodeResume } from './resume.ts';

/** Most bytes that are read of a resume record: 500,000 pieces take 0.7 MiB, begun pieces little more. */
const MAX_RESUME_BYTES = 64 * 1024 * 1024;
/** Names that are in a working folder once a piece was written (architecture, "Layouts"). */
const WRITTEN = /^(?:files|pieces|part-\d+(?:\..*)?|have-\d+)$/;

/** Which download lies where. `identity` is given where an identity without a coordinator keeps a record of its own. */
export interface StateLocation {
  readonly workFolder: string;
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  readonly identity?: IdentityIndex;
}

/** What a working folder says of its download. */
export interface SavedState {
  /** Pieces that are present according to the records. */
  readonly have: Bitfield;
  /** Identity that fetched each piece; `UNKNOWN_OWNER`: nobody knows. */
  readonly owners: Uint8Array;
  /** Pieces of `have` that have to be read again before they count: they may not have reached the disk, or a record is damaged. */
  readonly unsynced: readonly PieceIndex[];
  readonly begun: readonly BegunRecord[];
  /** Nothing has to be read again. */
  readonly clean: boolean;
  /**
   * A record is damaged, or missing although pieces were written: any piece may be on disk, or be wrong there. All pieces have to
   * be read again, also those that `have` lacks. For an identity without a coordinator only its own records count.
   */
  readonly damaged: boolean;
  /** Payload bytes of all earlier runs. */
  readonly downloaded: number;
  readonly uploaded: number;
}

/**
 * Combines the resume record with every identity's journal, which holds what came after it. Damage is no error: what cannot be
 * trusted has to be read again. Rejects with EnsembleError('newer-version'), or 'disk'.
 */
export async function loadState(disk: Disk, location: StateLocation): Promise<SavedState> {
  const { workFolder, infoHash, pieceCount } = location;
  const path = resumePath(location);
  const { data, unreadable } = await readResume(disk, path);
  const resume = data === undefined ? undefined : decodeResume(data, infoHash, pieceCount, path);
  const { identity: own } = location;
  let damaged = unreadable || (data !== undefined && resume === undefined);

  const have = resume?.have.clone() ?? new Bitfield(pieceCount);
  const owners = resume?.owners.slice() ?? unknownOwners(pieceCount);
  const unsynced = resume?.unsynced.clone() ?? new Bitfield(pieceCount);
  const journals: { identity: IdentityIndex; state: JournalState }[] = [];
  for (const identity of await journalsIn(disk, workFolder)) {
    const read = await readJournal(disk, journalPath(workFolder, identity), infoHash, pieceCount);
    if (read === undefined) continue;
    damaged ||= read.damaged && (own === undefined || own === identity);
    const state = new JournalState(pieceCount);
    state.take(read.records);
    journals.push({ identity, state });
  }
  // A coordinator writes its resume record before anything else; an identity without a coordinator always keeps its journal.
  const known = own === undefined ? resume !== undefined : journals.some(({ identity }) => identity === own);
  damaged ||= !known && (await hasPieces(disk, workFolder));
  // First what was lost, then what was verified: a piece that one identity lost may have been fetched by another.
  for (const { state } of journals) {
    for (const lost of state.lost.indexes()) {
      have.delete(lost);
      unsynced.delete(lost);
    }
  }
  for (const { identity, state } of journals) {
    for (const verified of state.verified.indexes()) {
      if (state.synced.has(verified)) unsynced.delete(verified);
      else if (have.add(verified)) unsynced.add(verified);
      have.add(verified);
      owners[verified] = identity;
    }
  }
  const doubtful = damaged ? have : unsynced;
  const clean = !damaged && journals.length === 0 && resume?.clean === true && unsynced.isEmpty;
  return {
    have,
    owners,
    unsynced: [...doubtful.indexes()].filter((index) => have.has(index)).map(pieceIndex),
    // After an unclean end, blocks may have been dropped or written over since they were recorded.
    begun: resume?.clean === true && journals.length === 0 && !damaged ? resume.begun : [],
    clean,
    damaged,
    downloaded: resume?.downloaded ?? 0,
    uploaded: resume?.uploaded ?? 0,
  };
}

/** What to save; see `SavedState`. */
export interface StateToSave {
  readonly have: Bitfield;
  readonly owners: Uint8Array;
  /** Pieces of `have` that are verified, but not known to be on stable storage. */
  readonly unsynced: Iterable<PieceIndex>;
  readonly begun: readonly BegunRecord[];
  readonly downloaded: number;
  readonly uploaded: number;
}

/**
 * Writes the resume record atomically. `clean`: every identity has closed its store; the journals are removed, as the record holds
 * everything. Otherwise the journals stay and overrule the record.
 */
export async function saveState(
  disk: Disk,
  location: StateLocation,
  state: StateToSave,
  clean: boolean,
): Promise<void> {
  const { workFolder, infoHash, pieceCount } = location;
  const unsynced = new Bitfield(pieceCount);
  for (const index of state.unsynced) unsynced.add(index);
  await disk.makeDirectory(workFolder);
  await disk.replaceFile(resumePath(location), encodeResume(infoHash, { ...state, unsynced, clean }));
  if (!clean) return;
  for (const identity of await journalsIn(disk, workFolder)) {
    if (location.identity === undefined || location.identity === identity) {
      await disk.remove(journalPath(workFolder, identity));
    }
  }
  await disk.syncDirectory(workFolder);
}

/** Whether the folder may hold pieces, or records of some. */
async function hasPieces(disk: Disk, workFolder: string): Promise<boolean> {
  return (await disk.list(workFolder)).some((name) => WRITTEN.test(name));
}

function resumePath({ workFolder, identity }: StateLocation): string {
  return identity === undefined ? `${workFolder}/resume` : `${workFolder}/resume-${identity}`;
}

/** Anything else than a file of a sane size counts as damage. */
async function readResume(disk: Disk, path: string): Promise<{ data: Uint8Array | undefined; unreadable: boolean }> {
  try {
    return { data: await disk.readFile(path, MAX_RESUME_BYTES), unreadable: false };
  } catch (error) {
    if (diskCode(error) === 'EACCES') throw error;
    return { data: undefined, unreadable: true };
  }
}
