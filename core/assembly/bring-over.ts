import { EnsembleError } from '../base/errors.ts';
import { inLanes } from '../base/lanes.ts';
import type { StopSignal } from '../base/stopper.ts';
import { type Disk, diskCode, type DiskFile, type FileInfo } from '../ports/disk.ts';
import { Progress } from './progress.ts';
import { inFolder, NO_LINKS } from './targets.ts';
import { checkSignal } from './work.ts';
import { type MoveInput, MovePlaces, WIDTH } from './move-place.ts';
import { sameContent } from './same-content.ts';

const CHUNK = 1024 * 1024;
/** A copy is synced whenever this many bytes were written, so that the end is not one long wait for the disk. */
const UNSYNCED = 64 * CHUNK;

interface Copy {
  readonly path: string;
  /** Its place among all. */
  readonly order: number;
  readonly old: FileInfo;
  /** Bytes that an earlier attempt left. */
  readonly there: number;
}

/**
 * Keeps all that is to be moved in a folder of ours in the new place: as second names where that is on the same disk, else as copies, each
 * compared with its original. What was kept before a kill is used. Nothing is removed, and nothing has its new name yet. Rejects with
 * EnsembleError: `exists` where something else has one of those names, `disk`, `verification`, `interrupted`.
 */
export async function bringOver(
  whole: Disk,
  input: MoveInput,
  onProgress: (done: number, total: number) => void,
  signal: StopSignal,
): Promise<void> {
  const places = new MovePlaces(whole, input);
  const { disk } = places;
  await disk.makeDirectory(input.to);
  if (!(await places.openHalf())) throw taken(places.halfFolder);
  const { payload, records } = await places.paths();
  const copies = await linkAll(places, payload, signal);
  copies.push(...(await linkAll(places, records, signal)));
  const needed = copies.reduce(
    (sum, { old, there }) => sum + Math.max(0, Math.min(old.size, old.allocated) - there),
    0,
  );
  const free = copies.length === 0 ? Infinity : await disk.freeSpace(places.halfFolder);
  if (free < needed) {
    throw new EnsembleError('disk', `The files need ${needed} bytes in "${input.to}"; ${free} are free. Make room.`);
  }
  const progress = new Progress(onProgress);
  progress.begin(copies.reduce((sum, { old }) => sum + 2 * old.size, 0));
  for (const copy of copies) await copyOne(places, copy, progress, signal);
}

/** The error for a name in the new place that something else has. */
export function taken(path: string): EnsembleError {
  return new EnsembleError(
    'exists',
    `"${path}" is there already and is not replaced: move it away, or choose another folder.`,
  );
}

/** Gives second names to what is on the same disk; resolves to what has to be copied. */
async function linkAll(places: MovePlaces, paths: readonly string[], signal: StopSignal): Promise<Copy[]> {
  const { disk, input } = places;
  const copies: Copy[] = [];
  await inLanes(paths.entries(), WIDTH, async ([order, path]) => {
    checkSignal(signal);
    const old = await disk.info(places.from(path));
    if (old === undefined) return;
    if (old.kind !== 'file') throw new EnsembleError('disk', `"${places.from(path)}" should be a file, and is not.`);
    const there = await disk.info(places.to(path));
    if (there !== undefined) {
      if (!(await sameContent(disk, [places.from(path), old], [places.to(path), there]))) throw taken(places.to(path));
      return;
    }
    const half = await disk.info(places.half(path));
    if (half?.id === old.id) return;
    if (half === undefined && (await link(places, path, old, input.to))) return;
    copies.push({ path, order, old, there: half?.size ?? 0 });
  });
  return copies.sort((a, b) => a.order - b.order);
}

/** True: it has a second name, or will be renamed, as its disk knows no second names. */
async function link(places: MovePlaces, path: string, old: FileInfo, to: string): Promise<boolean> {
  const { disk } = places;
  try {
    await inFolder(disk, places.half(path), () => disk.link(places.from(path), places.half(path)));
    return true;
  } catch (error) {
    const code = diskCode(error);
    if (code === 'EXDEV') return false;
    if (code === undefined || !NO_LINKS.has(code)) throw error;
    return deviceOf(await disk.info(to)) === deviceOf(old);
  }
}

function deviceOf(info: FileInfo | undefined): string | undefined {
  return info?.id.slice(0, info.id.indexOf(':'));
}

async function copyOne(places: MovePlaces, copy: Copy, progress: Progress, signal: StopSignal): Promise<void> {
  const { disk } = places;
  const [from, to] = [places.from(copy.path), places.half(copy.path)];
  for (let attempt = 0; attempt < 2; attempt++) {
    const begin = attempt === 0 ? Math.min(copy.there, copy.old.size) : 0;
    if (attempt > 0) await disk.remove(to);
    if (attempt === 0) progress.advance(begin);
    const counted = (bytes: number): void => (attempt === 0 ? progress.advance(bytes) : undefined);
    await fill(disk, from, to, { begin, sparse: copy.old.allocated < copy.old.size, counted, signal });
    const now = { from: await disk.info(from), to: await disk.info(to) };
    if (now.from === undefined || now.to === undefined) continue;
    if (await sameContent(disk, [from, now.from], [to, now.to], counted, signal)) return;
  }
  throw new EnsembleError('verification', `"${to}" is not what was copied from "${from}": check both disks.`);
}

interface Filling {
  readonly begin: number;
  /** It has holes, which are to be holes in the copy. */
  readonly sparse: boolean;
  readonly counted: (bytes: number) => void;
  readonly signal: StopSignal;
}

async function fill(disk: Disk, from: string, to: string, { begin, sparse, counted, signal }: Filling): Promise<void> {
  const source = await disk.open(from, 'read');
  let target: DiskFile | undefined;
  try {
    target = await inFolder(disk, to, () => disk.open(to, 'write'));
    const buffer = new Uint8Array(CHUNK);
    let [at, unsynced] = [begin, 0];
    for (let n = 1; n > 0; at += n) {
      checkSignal(signal);
      n = await source.read(buffer, at);
      const data = buffer.subarray(0, n);
      if (n > 0 && !(sparse && data.every((byte) => byte === 0))) await target.write(data, at);
      counted(n);
      unsynced += n;
      if (unsynced < UNSYNCED) continue;
      unsynced = 0;
      await target.sync();
    }
    await target.truncate(at);
    await target.sync();
  } finally {
    await target?.close();
    await source.close();
  }
}
