import { EnsembleError } from '../base/errors.ts';
import { sameBytes } from '../base/bytes.ts';
import type { PieceIndex } from '../base/ids.ts';
import type { FileSpan } from '../metainfo/geometry.ts';
import type { DiskFile } from '../ports/disk.ts';
import type { Placement } from '../store/layouts/placement.ts';
import { type Digesting, hashStored } from '../store/layouts/recheck.ts';
import { allOrNone, type AssemblyWork, checkSignal, piecesToAssemble } from './work.ts';
import { inLanes } from '../base/lanes.ts';
import { Staging } from './staging.ts';
import { verifyPieces } from './verify-pieces.ts';

/** How many files of one piece are written, or files renamed, at a time. */
const WIDTH = 8;
/** A file of the copy is synced whenever this many bytes were written to it, so that the disk works while the next pieces are hashed. */
const UNSYNCED = 32 * 1024 * 1024;

/** A wanted file while pieces are copied. */
interface Copy {
  readonly file: number;
  /** `write`: into a new file. `compare`: with the file that has the name, which may be ours from before a crash. */
  readonly kind: 'write' | 'compare';
  /** How many pieces are still to come. */
  left: number;
  open: Promise<DiskFile> | undefined;
  /** Bytes written since the last sync was begun. */
  unsynced: number;
  /** A sync that is under way or failed. */
  syncing: Promise<void> | undefined;
  failed: boolean;
}

/**
 * Assembles by copying. Each piece is read once, and the bytes that are hashed are the ones that are written. The files grow in a
 * folder beside the targets, are synced when their last piece is in, and get their names when all are whole. Returns the bad
 * pieces.
 */
export async function copyIntoPlace(work: AssemblyWork, sources: readonly Placement[]): Promise<PieceIndex[]> {
  const { info, location } = work.input;
  const staging = new Staging(work.ports.disk, location.output, info);
  await staging.remove();
  const copies = await plan(work);
  await checkSpace(work, copies);
  const pieces = piecesToAssemble(work);
  work.progress.begin(pieces.reduce((sum, p) => sum + work.geometry.pieceSize(p), work.wanted.length));
  await staging.open();
  try {
    const bad = await fill(work, sources, copies, staging, pieces);
    if (bad.length === 0) await giveNames(work, copies, staging);
    return bad;
  } finally {
    // If this fails, the next assembly removes it.
    if (work.input.leaveRest !== true || !work.targets.gave) await staging.remove().catch(() => undefined);
  }
}

async function giveNames(work: AssemblyWork, copies: ReadonlyMap<number, Copy>, staging: Staging): Promise<void> {
  await allOrNone(work, () =>
    inLanes(work.wanted, WIDTH, async (file) => {
      checkSignal(work.signal);
      const copy = copies.get(file);
      if (copy === undefined) await work.targets.makeEmpty(file);
      if (copy?.kind === 'write') await work.targets.give(staging.path(file), file);
      work.progress.advance(1);
    }),
  );
  // The final names must be durable before the old ones are removed.
  await work.targets.sync(work.wanted);
}

async function plan(work: AssemblyWork): Promise<Map<number, Copy>> {
  const copies = new Map<number, Copy>();
  await inLanes(work.wanted, WIDTH, async (file) => {
    const found = await work.targets.look(file);
    const range = work.geometry.piecesOf(file);
    if (range === undefined) return;
    const kind = found === undefined || work.input.replace ? 'write' : 'compare';
    copies.set(file, {
      file,
      kind,
      left: range.last - range.first + 1,
      open: undefined,
      unsynced: 0,
      syncing: undefined,
      failed: false,
    });
  });
  return copies;
}

async function checkSpace(work: AssemblyWork, copies: ReadonlyMap<number, Copy>): Promise<void> {
  let needed = 0;
  for (const copy of copies.values())
    if (copy.kind === 'write') needed += work.input.info.files[copy.file]?.length ?? 0;
  const { output } = work.input.location;
  await work.ports.disk.makeDirectory(output);
  const free = await work.ports.disk.freeSpace(output);
  if (free < needed) {
    throw new EnsembleError('disk', `The files need ${needed} bytes below "${output}"; ${free} are free. Make room.`);
  }
}

/** Copies all pieces; whatever happens, no file stays open. */
async function fill(
  work: AssemblyWork,
  sources: readonly Placement[],
  copies: ReadonlyMap<number, Copy>,
  staging: Staging,
  pieces: readonly PieceIndex[],
): Promise<PieceIndex[]> {
  const { disk } = work.ports;
  const begun = new Set<Copy>();

  const openCopy = async (copy: Copy): Promise<DiskFile> => {
    if (copy.kind === 'compare') return disk.open(work.targets.path(copy.file), 'read');
    return disk.open(staging.path(copy.file), 'create');
  };
  const begin = (copy: Copy): Promise<DiskFile> => {
    begun.add(copy);
    return (copy.open ??= openCopy(copy));
  };
  const use = async (p: PieceIndex, data: Uint8Array | undefined): Promise<void> => {
    await inLanes(work.geometry.spans(p), WIDTH, async (span) => {
      const copy = copies.get(span.file);
      if (copy === undefined) return;
      const open = await begin(copy);
      const part = data?.subarray(span.at, span.at + span.length);
      if (copy.kind === 'write') await write(copy, open, part, span);
      else if (part === undefined || !(await holds(open, span.offset, part))) throw work.targets.taken(copy.file);
      if (--copy.left > 0) return;
      await copy.syncing;
      if (copy.kind === 'write') await open.sync();
      await open.close();
      begun.delete(copy);
    });
  };
  /** Only a piece that belongs to one new file as a whole is copied straight there; nobody reads it before it has proved right. */
  const hash = async (source: Placement, p: PieceIndex, how: Digesting): Promise<Uint8Array | undefined> => {
    const [span, ...others] = work.geometry.spans(p);
    const copy = span && copies.get(span.file);
    if (span === undefined || others.length > 0 || copy?.kind !== 'write') return undefined;
    return hashStored(work.ports.hasher, source, p, how, { file: await begin(copy), position: span.offset });
  };
  const readers = sources.map((source) => ({
    read: (p: PieceIndex, into: Uint8Array) => source.read(p, 0, into),
    hash: (p: PieceIndex, how: Digesting) => hash(source, p, how),
  }));
  try {
    return await verifyPieces(work, pieces, readers, use);
  } finally {
    for (const copy of begun) await copy.open?.then((open) => open.close()).catch(() => undefined);
  }
}

/**
 * Writes a part of a copy, unless it is there already, and now and then begins to sync what is there. Rejects as well
 * where an earlier sync has failed.
 */
async function write(copy: Copy, open: DiskFile, part: Uint8Array | undefined, span: FileSpan): Promise<void> {
  if (copy.failed) await copy.syncing;
  if (part !== undefined) await open.write(part, span.offset);
  copy.unsynced += span.length;
  if (copy.unsynced < UNSYNCED || copy.syncing !== undefined) return;
  copy.unsynced = 0;
  copy.syncing = open.sync().then(() => void (copy.syncing = undefined));
  copy.syncing.catch(() => (copy.failed = true));
}

async function holds(file: DiskFile, position: number, wanted: Uint8Array): Promise<boolean> {
  const found = new Uint8Array(wanted.length);
  let at = 0;
  while (at < found.length) {
    const n = await file.read(found.subarray(at), position + at);
    if (n === 0) return false;
    at += n;
  }
  return sameBytes(found, wanted);
}
