import { EnsembleError } from '../base/errors.ts';
import type { PieceIndex } from '../base/ids.ts';
import { piece } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import type { Ports } from '../ports/ports.ts';
import type { StoreLocation } from '../store/layouts/layout.ts';
import type { Progress } from './progress.ts';
import type { Targets } from './targets.ts';

/** What is to be assembled, and how (A13). */
export interface AssemblyInput {
  readonly info: Info;
  readonly location: StoreLocation;
  /** Further places where pieces may lie: folders that identities filled without a common directory (A6). They are never changed. */
  readonly others?: readonly StoreLocation[];
  /** K. */
  readonly count: number;
  /** Owner of each piece; `UNKNOWN_OWNER`: nobody knows (parts). */
  readonly owners: Uint8Array;
  /** 1 for pieces that need no further verification: hashed in memory, written, synced (invariant 4). */
  readonly trusted: Uint8Array;
  /** 1 for files to assemble. */
  readonly wantedFiles: Uint8Array;
  /** Replace other files at the target. */
  readonly replace: boolean;
  /** Leave the working folder's payload where it is: then everything is copied. */
  readonly keepPayload?: boolean;
  /**
   * What the files were made of is removed by whoever asks, once it is kept that they have their names: until then their second names
   * there tell that they are ours.
   */
  readonly leaveRest?: boolean;
}

/** Absolute paths of the files that have their final names; or the pieces that are missing or wrong. */
export type AssemblyResult = { readonly files: readonly string[] } | { readonly badPieces: readonly PieceIndex[] };

/** The ports that assembly needs. */
export type AssemblyPorts = Pick<Ports, 'disk' | 'hasher'>;

/** What both ways of assembling work with. */
export interface AssemblyWork {
  /** Their disk follows no link below the folders that somebody chose. */
  readonly ports: AssemblyPorts;
  /** The disk without that, for placements, each of which confines itself. */
  readonly whole: Disk;
  readonly input: AssemblyInput;
  readonly geometry: Geometry;
  readonly targets: Targets;
  /** Indexes of the files to assemble, without padding. */
  readonly wanted: readonly number[];
  readonly progress: Progress;
  readonly signal: StopSignal;
}

/** The pieces that hold bytes of the wanted files, ascending. */
export function piecesToAssemble(work: AssemblyWork): PieceIndex[] {
  const out: PieceIndex[] = [];
  let next = 0;
  for (const file of work.wanted) {
    const range = work.geometry.piecesOf(file);
    if (range === undefined) continue;
    for (let p = Math.max(next, range.first); p <= range.last; p++) out.push(piece(p));
    next = Math.max(next, range.last + 1);
  }
  return out;
}

/** Throws EnsembleError('interrupted') where it was told to stop. */
export function checkSignal(signal: StopSignal): void {
  if (signal.aborted) throw new EnsembleError('interrupted', 'The assembly was stopped. Start it again to go on.');
}

/**
 * Gives names with `task`; where that fails nothing keeps one, but where it was told to stop: it is soon gone on with.
 * Rejects as `task` does.
 */
export async function allOrNone(work: AssemblyWork, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    // Where this fails too, a later assembly finds what has its name already.
    if (!work.signal.aborted) await work.targets.withdraw().catch(() => undefined);
    throw error;
  }
}
