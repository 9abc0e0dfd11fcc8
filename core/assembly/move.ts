import { EnsembleError } from '../base/errors.ts';
import type { PieceIndex } from '../base/ids.ts';
import { piece as pieceIndex } from '../base/ids.ts';
import { workPath } from '../metainfo/chosen-names.ts';
import { diskCode } from '../ports/disk.ts';
import { openOwn } from '../store/open-own.ts';
import { scratchOf } from '../store/layouts/open-placement.ts';
import type { Placement } from '../store/layouts/placement.ts';
import { hashStored } from '../store/layouts/recheck.ts';
import { allOrNone, type AssemblyWork, checkSignal, piecesToAssemble } from './work.ts';
import { inLanes } from '../base/lanes.ts';
import { type PieceSource, verifyPieces } from './verify-pieces.ts';

/** How many files are synced and renamed at a time. */
const WIDTH = 8;

/**
 * Where a wanted file's bytes lie. `waiting`: in the working folder. `arrived`: under the final name already, from an
 * assembly that was cut short or before us: none of it is trusted.
 */
type Whereabouts =
  | { readonly kind: 'waiting'; readonly path: string; readonly size: number; readonly changed: number }
  | { readonly kind: 'arrived' };

/**
 * Assembles the `in-place` layout: verifies what is not trusted, syncs, renames; nothing is copied. Returns the bad
 * pieces; `elsewhere` where the output is on another file system, so that only copying helps.
 */
export async function moveIntoPlace(
  work: AssemblyWork,
  working: Placement,
  final: Placement,
): Promise<PieceIndex[] | 'elsewhere'> {
  const { info } = work.input;
  const places = new Map<number, Whereabouts>();
  const bad = new Set<PieceIndex>();
  const doubtful = new Set<PieceIndex>();
  await inLanes(work.wanted, WIDTH, async (file) => {
    if (info.files[file]?.length === 0) {
      await work.targets.look(file);
      return;
    }
    const place = await locate(work, file);
    if (place === undefined) mark(work, file, 0, bad);
    else places.set(file, place);
    if (place?.kind === 'arrived') mark(work, file, 0, doubtful);
    if (place?.kind === 'waiting') mark(work, file, place.size, bad);
  });

  const unsure = piecesToAssemble(work).filter((p) => !bad.has(p) && (doubtful.has(p) || work.input.trusted[p] !== 1));
  work.progress.begin(unsure.reduce((sum, p) => sum + work.geometry.pieceSize(p), work.wanted.length));
  const arrived = (file: number): boolean => places.get(file)?.kind === 'arrived';
  const source: PieceSource = {
    read: (p, into) => readMixed(work, working, final, arrived, p, into),
    hash: async (p, digesting) => {
      const [span] = work.geometry.spans(p);
      const placement = span !== undefined && arrived(span.file) ? final : working;
      return hashStored(work.ports.hasher, placement, p, digesting);
    },
  };
  for (const p of await verifyPieces(work, unsure, [source])) bad.add(p);
  if (bad.size > 0) {
    if (!work.input.replace) refuseForeign(work, bad, arrived);
    return [...bad].sort((a, b) => a - b);
  }
  if (unsure.length > 0) await refuseChanged(work, places);
  // Renamed files must not be open (Windows).
  await working.close();
  await final.close();
  return giveNames(work, places);
}

/** Where a file's bytes lie; undefined where there are none. */
async function locate(work: AssemblyWork, file: number): Promise<Whereabouts | undefined> {
  const { disk } = work.ports;
  const { info, location, replace } = work.input;
  const entry = info.files[file];
  const path = [location.workFolder, 'files', ...(entry === undefined ? [] : workPath(entry))].join('/');
  const source = await disk.info(path);
  const target = await work.targets.look(file);
  const fits = target?.kind === 'file' && target.size === entry?.length;
  if (source === undefined) return fits ? { kind: 'arrived' } : undefined;
  if (source.kind !== 'file') {
    throw new EnsembleError('disk', `"${path}" should be a file that Ensemble wrote, but it is not. Move it away.`);
  }
  // Whether another file is the torrent's is told by its pieces: what lies in the working folder need not be the whole file.
  if (target !== undefined && (!replace || (fits && source.id === target.id))) return { kind: 'arrived' };
  return { kind: 'waiting', path, size: source.size, changed: source.changed };
}

/** Marks the pieces that hold a file's bytes from `offset` on. */
function mark(work: AssemblyWork, file: number, offset: number, pieces: Set<PieceIndex>): void {
  const range = work.geometry.piecesOf(file);
  const entry = work.input.info.files[file];
  if (range === undefined || entry === undefined || offset >= entry.length) return;
  const first = Math.floor((entry.offset + offset) / work.geometry.pieceLength);
  for (let p = first; p <= range.last; p++) pieces.add(pieceIndex(p));
}

/** Reads a piece whose files may lie in both places. */
async function readMixed(
  work: AssemblyWork,
  working: Placement,
  final: Placement,
  arrived: (file: number) => boolean,
  p: PieceIndex,
  into: Uint8Array,
): Promise<boolean> {
  for (const span of work.geometry.spans(p)) {
    const part = into.subarray(span.at, span.at + span.length);
    const here = !arrived(span.file) && (await working.read(p, span.at, part));
    if (!here && !(await final.read(p, span.at, part))) return false;
  }
  return true;
}

/** Throws where a file under a final name has bad pieces: it is not the torrent's, somebody else put it there. */
function refuseForeign(work: AssemblyWork, bad: ReadonlySet<PieceIndex>, arrived: (file: number) => boolean): void {
  for (const file of work.wanted) {
    const range = arrived(file) ? work.geometry.piecesOf(file) : undefined;
    if (range === undefined) continue;
    for (let p = range.first; p <= range.last; p++) if (bad.has(pieceIndex(p))) throw work.targets.taken(file);
  }
}

/** Reading may have taken long: refuses where a file is no longer the one that was read. */
async function refuseChanged(work: AssemblyWork, places: ReadonlyMap<number, Whereabouts>): Promise<void> {
  await inLanes([...places.values()], WIDTH, async (place) => {
    if (place.kind !== 'waiting') return;
    const now = await work.ports.disk.info(place.path);
    if (now?.changed === place.changed && now.size === place.size) return;
    throw new EnsembleError(
      'verification',
      `"${place.path}" was changed by another program while it was read. Assemble again: it is read again then.`,
    );
  });
}

async function giveNames(
  work: AssemblyWork,
  places: ReadonlyMap<number, Whereabouts>,
): Promise<PieceIndex[] | 'elsewhere'> {
  const { disk } = work.ports;
  await inLanes(work.wanted, WIDTH, async (file) => {
    checkSignal(work.signal);
    const place = places.get(file);
    const length = work.input.info.files[file]?.length ?? 0;
    if (place?.kind !== 'waiting' || (place.size === length && isTrusted(work, file))) return;
    const open = await openOwn(disk, place.path, 'write', scratchOf(work.input.location));
    try {
      if (place.size > length) await open.truncate(length);
      await open.sync();
    } finally {
      await open.close();
    }
  });
  try {
    await allOrNone(work, () =>
      inLanes(work.wanted, WIDTH, async (file) => {
        checkSignal(work.signal);
        const place = places.get(file);
        if (place === undefined) await work.targets.makeEmpty(file);
        if (place?.kind === 'waiting') await work.targets.give(place.path, file);
        work.progress.advance(1);
      }),
    );
  } catch (error) {
    if (diskCode(error) === 'EXDEV') return 'elsewhere';
    throw error;
  }
  return [];
}

/** Whether all of a file's pieces are trusted; then it has been synced. */
function isTrusted(work: AssemblyWork, file: number): boolean {
  const range = work.geometry.piecesOf(file);
  if (range === undefined) return true;
  for (let p: number = range.first; p <= range.last; p++) if (work.input.trusted[p] !== 1) return false;
  return true;
}
