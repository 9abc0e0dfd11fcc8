import { EnsembleError } from '../../base/errors.ts';
import type { Bitfield } from '../../base/bitfield.ts';
import { type IdentityIndex, type PieceIndex, piece as pieceIndex, UNKNOWN_OWNER } from '../../base/ids.ts';
import { inLanes } from '../../base/lanes.ts';
import type { StopSignal } from '../../base/stopper.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import { workPath } from '../../metainfo/chosen-names.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk, FileInfo } from '../../ports/disk.ts';
import type { StoreLocation } from '../layouts/layout.ts';
import { type PartIndex, partName, readPartIndexes } from '../layouts/part-index.ts';

/** How many files are looked at at the same time: a torrent may have 100,000. */
const AT_ONCE = 32;
/**
 * What a killed process wrote is newer than its last record by at most this much (ms); also how far the clocks of two machines may
 * differ.
 */
const TOLERANCE = 60_000;
/** Files that tell when we last wrote to a working folder: every write of a piece is followed by a write to one of them. */
const RECORD = /^(?:resume(?:-(\d{1,3}))?|have-(\d{1,3})|part-(\d{1,3})\.index)$/;

/** When something was last written, and when it or its name, owner and the like last changed: Unix milliseconds. */
export type FileTimes = Pick<FileInfo, 'modified' | 'changed'>;

/** What the records say is there, and when we last wrote. */
interface ChangesInput {
  readonly info: Pick<Info, 'infoHash' | 'files'>;
  readonly geometry: Geometry;
  readonly location: StoreLocation;
  /** Identity that fetched each piece; `UNKNOWN_OWNER`: nobody knows. */
  readonly owners: Uint8Array;
  /** Pieces that would be trusted without being read. */
  readonly have: Bitfield;
  /** The newest change that we know to be our own. */
  readonly since: FileTimes;
  /** Wall time, Unix milliseconds. */
  readonly now: number;
  readonly signal?: StopSignal | undefined;
}

/** What another program did to the files of a download. */
export interface ForeignChanges {
  /** Trusted pieces that lie in files that were changed, replaced, cut short or removed. */
  readonly pieces: readonly PieceIndex[];
  /** Paths of these files. */
  readonly files: readonly string[];
  /** The newest times of all files that were looked at. */
  readonly newest: FileTimes;
}

/**
 * When this program (or only `identity`) last wrote to a working folder, by the records that it writes there. `clean`: nothing of
 * ours was written after that; otherwise a process that was killed may have gone on for a while.
 */
export async function lastRecorded(
  disk: Disk,
  workFolder: string,
  clean: boolean,
  identity?: IdentityIndex,
): Promise<FileTimes> {
  let newest: FileTimes = { modified: 0, changed: 0 };
  for (const name of await disk.list(workFolder)) {
    const match = RECORD.exec(name);
    if (match === null) continue;
    const writer = match[1] ?? match[2] ?? match[3];
    if (identity !== undefined && writer !== undefined && Number(writer) !== identity) continue;
    newest = later(newest, await disk.info(`${workFolder}/${name}`));
  }
  const more = clean ? 0 : TOLERANCE;
  return { modified: newest.modified + more, changed: newest.changed + more };
}

/**
 * Finds what another program did to the files, by their times and sizes and without reading them. Unlike the time of writing, the
 * time of change cannot be set, so that a file whose old times were restored is found, too. Rejects with 'interrupted' where
 * `signal` says so. Where the clock was put back times tell nothing, and all pieces are named.
 */
export async function foreignChanges(disk: Disk, input: ChangesInput): Promise<ForeignChanges> {
  const { have, since, now, location } = input;
  const look = new Look(disk, input, clockWentBack(since, now));
  if (have.isEmpty) return look;
  if (location.layout === 'in-place' || location.assembled) await lookAtFiles(look, input);
  else if (location.layout === 'pieces') await lookAtPieces(look, input);
  else await lookAtParts(disk, look, input);
  return look;
}

/** Whether the clock was put back since, so that times tell nothing. `now`: Unix milliseconds. */
export function clockWentBack(since: FileTimes, now: number): boolean {
  return since.modified > now + 2 * TOLERANCE;
}

/** What was found so far. */
class Look implements ForeignChanges {
  readonly pieces: PieceIndex[] = [];
  readonly files: string[] = [];
  newest: FileTimes = { modified: 0, changed: 0 };
  readonly #disk: Disk;
  readonly #since: FileTimes;
  readonly #distrust: boolean;
  readonly #signal: StopSignal | undefined;
  readonly #named = new Set<number>();

  constructor(disk: Disk, input: ChangesInput, distrust: boolean) {
    this.#disk = disk;
    this.#since = input.since;
    this.#signal = input.signal;
    this.#distrust = distrust;
  }

  /** These pieces are gone. */
  lost(path: string, pieces: readonly PieceIndex[]): void {
    this.files.push(path);
    // One by one: as arguments they would lie on the stack, which has no room for those of a large torrent.
    for (const piece of pieces) this.pieces.push(piece);
  }

  /**
   * Looks at a file and names the pieces that it may have lost. `pieces`: the pieces in it that reach beyond a size.
   * `ours`: see below.
   */
  async at(path: string, pieces: (beyond: number) => Iterable<PieceIndex>, ours?: string): Promise<void> {
    if (this.#signal?.aborted === true) throw new EnsembleError('interrupted', 'The look at the files was stopped.');
    const info = await this.#disk.info(path);
    this.newest = later(this.newest, info);
    const size = info?.kind === 'file' ? info.size : 0;
    const isChanged = info === undefined || isNewer(info, this.#since);
    const isOther = isChanged || this.#distrust || info.kind !== 'file';
    let any = false;
    for (const piece of pieces(isOther ? 0 : size)) {
      any = true;
      if (!this.#named.has(piece)) this.pieces.push(piece);
      this.#named.add(piece);
    }
    if (!any || (this.#distrust && !isChanged)) return;
    // An assembly that was cut short gave the file a second name, which is a change of ours.
    if (ours !== undefined && info !== undefined && (await this.#disk.info(ours))?.id === info.id) return;
    this.files.push(path);
  }
}

async function lookAtFiles(look: Look, { info, geometry, location, have }: ChangesInput): Promise<void> {
  const { assembled, output, workFolder } = location;
  const within = function* (file: number, beyond: number): Generator<PieceIndex> {
    const range = geometry.piecesOf(file);
    const entry = info.files[file];
    if (range === undefined || entry === undefined || beyond >= entry.length) return;
    const first = Math.floor((entry.offset + beyond) / geometry.pieceLength);
    for (let p = first; p <= range.last; p++) if (have.has(p)) yield pieceIndex(p);
  };
  const files = [...info.files.keys()].filter((file) => {
    if (info.files[file]?.padding !== false) return false;
    return within(file, 0).next().done !== true;
  });
  await inLanes(files, AT_ONCE, async (file) => {
    const entry = info.files[file];
    if (entry === undefined) return;
    const final = `${output}/${entry.path.join('/')}`;
    const pieces = (beyond: number): Iterable<PieceIndex> => within(file, beyond);
    if (assembled) await look.at(final, pieces);
    else await look.at(`${workFolder}/files/${workPath(entry).join('/')}`, pieces, final);
  });
}

async function lookAtPieces(look: Look, { geometry, location, have }: ChangesInput): Promise<void> {
  await inLanes([...have.indexes()].map(pieceIndex), AT_ONCE, async (piece) => {
    const pieces = (beyond: number): PieceIndex[] => (beyond < geometry.pieceSize(piece) ? [piece] : []);
    await look.at(`${location.workFolder}/pieces/${piece}`, pieces);
  });
}

async function lookAtParts(
  disk: Disk,
  look: Look,
  { info, geometry, location, have, owners }: ChangesInput,
): Promise<void> {
  const { workFolder } = location;
  const indexes = await readPartIndexes(disk, workFolder, info.infoHash, geometry);
  const parts = new Map<number, { readonly index: PartIndex; readonly pieces: PieceIndex[] }>();
  for (const [identity, index] of indexes) parts.set(identity, { index, pieces: [] });
  const homeless: PieceIndex[] = [];
  for (const p of have.indexes()) {
    const piece = pieceIndex(p);
    const own = parts.get(owners[p] ?? UNKNOWN_OWNER);
    const holds = (part: typeof own): boolean => part?.index.offset(piece) !== undefined;
    const home = holds(own) ? own : [...parts.values()].find(holds);
    (home?.pieces ?? homeless).push(piece);
  }
  if (homeless.length > 0) look.lost(`${workFolder}/part-*.index`, homeless);
  for (const [identity, { index, pieces }] of parts) {
    const from = (size: number): PieceIndex[] =>
      pieces.filter((piece) => size === 0 || (index.offset(piece) ?? 0) + geometry.pieceSize(piece) > size);
    await look.at(`${workFolder}/${partName(identity, index.generation)}`, from);
  }
}

/** Whether something was done to a file since. */
export function isNewer(file: FileTimes, since: FileTimes): boolean {
  return file.modified > since.modified || file.changed > since.changed;
}

/** The newer of both. */
export function later(one: FileTimes, other: FileTimes | undefined): FileTimes {
  return {
    modified: Math.max(one.modified, other?.modified ?? 0),
    changed: Math.max(one.changed, other?.changed ?? 0),
  };
}
