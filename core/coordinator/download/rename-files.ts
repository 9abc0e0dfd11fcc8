import { FileRenaming, type NewName } from '../../assembly/rename-files.ts';
import { EnsembleError, type Failure, failureOf } from '../../base/errors.ts';
import { identityIndex } from '../../base/ids.ts';
import { inLanes } from '../../base/lanes.ts';
import { chooseName } from '../../metainfo/chosen-names.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { ChosenNames, Info } from '../../metainfo/torrent.ts';
import type { RenameRecord } from '../catalog/rename-record.ts';
import { inspectTarget, targetBlocked, targetPath } from '../folder/target.ts';
import { namesGiven } from '../folder/work-folder.ts';
import { locationOf } from '../run/run-plan.ts';
import { NORMAL } from '../../engine/values.ts';
import { wantedFiles } from './file-choice.ts';
import type { FlowContext } from './flow-context.ts';
import { areUnchanged, timesAfter } from './placed-times.ts';
import { expectUnmoved, type Relocation } from './relocation.ts';

const AT_ONCE = 32;

/** A download of which files are renamed. */
export interface Renamer extends FlowContext {
  readonly relocation: Relocation;
  readonly error: Failure | undefined;
  /** These are the names that the user chose, and its files bear theirs. */
  named(names: ChosenNames): void;
}

/** A torrent with its names, and with those that it is to have. */
interface Change {
  readonly geometry: Geometry;
  readonly before: Info;
  readonly after: Info;
  /** Its files that have another path then. */
  readonly changing: readonly number[];
}

/**
 * Gives a file or a folder of a download another name: `path` as it is called now, with slashes. Resolves to its path then. What is
 * in a working folder keeps its name there, so that nobody has to leave the swarm. Rejects with EnsembleError, all being as before.
 */
export function renamePath(download: Renamer, path: string, name: string): Promise<string> {
  expectRenamable(download);
  return new Promise((resolve, reject) => {
    download.inTurn(() => rename(download, path, name).then(resolve, reject));
  });
}

/** Ends what a run of the program began that was killed, or what failed midway. Rejects where the disk fails. */
export async function finishRenaming(download: Renamer): Promise<void> {
  const { torrent, folders, env } = download;
  const { renaming: record, info: before, geometry } = torrent;
  const after = record && torrent.named(record.names);
  if (record === undefined || before === undefined || after === undefined || geometry === undefined) return;
  await folders.locate();
  const change = { before, after, geometry, changing: changing(before, after) };
  const files = await filesToRename(download, change);
  try {
    await onDisk(download, files, record);
    await settle(download, change, record);
  } catch (error) {
    // Something got one of the names meanwhile, as an earlier run was killed: the old ones are there still.
    if (!(error instanceof EnsembleError && error.code === 'exists') || record.step !== 'name') throw error;
    await files.renaming.takeBack();
    torrent.setRenaming(undefined);
    await env.keep();
    download.warn(error.message);
  }
}

function expectRenamable(download: Renamer): void {
  const { torrent, state, error } = download;
  expectUnmoved(download);
  if (torrent.info === undefined) {
    throw new EnsembleError('usage', `${torrent.name} has no files yet: they are known once its metadata is there.`);
  }
  if (state === 'missing-files') throw new EnsembleError('usage', error?.message ?? 'Its files are missing.');
  if (state !== 'assembling' && state !== 'checking') return;
  const what = state === 'checking' ? 'checked' : 'assembled';
  throw new EnsembleError('in-use', `${torrent.name} is being ${what}: rename its files when that is over.`);
}

async function rename(download: Renamer, path: string, name: string): Promise<string> {
  const { torrent, folders, crew } = download;
  const { info: before, geometry } = torrent;
  if (before === undefined || geometry === undefined) return path;
  const chosen = chooseName(before, path, name);
  const after = torrent.named(chosen.names);
  if (after === undefined || chosen.path === path) return path;
  await folders.locate();
  await folders.expectSame();
  const change = { before, after, geometry, changing: changing(before, after) };
  const toRename = await filesToRename(download, change);
  const left = await expectRoom(download, change, toRename);
  const { run } = crew;
  const reads = run?.where.assembled === true && toRename.files.size > 0;
  try {
    if (toRename.files.size > 0) await begin(download, change, chosen.names);
    if (reads) await run?.team.closeFiles();
    if (torrent.renaming !== undefined) await onDisk(download, toRename, torrent.renaming);
    await settle(download, change, { names: chosen.names, trusted: torrent.renaming?.trusted ?? true });
    if (reads) run?.where.moved();
  } catch (error) {
    await failed(download, error);
    throw error;
  }
  // What lies under the name that a file had before is no file of this download any more.
  if (left) await download.anew();
  return chosen.path;
}

/** Recorded before anything is done: both names are known until all is over. Rejects where the program ends, as then nothing is recorded. */
async function begin(download: Renamer, { before, geometry }: Change, names: ChosenNames): Promise<void> {
  const { torrent, folders, env, files, options, relocation } = download;
  const finished = { ...folders.place, info: before, geometry, options, placed: files.placed };
  const trusted = await areUnchanged(env.ports, { ...finished, warn: (text) => download.warn(text) }, files.times);
  torrent.setRenaming({ names, step: 'name', trusted });
  await env.keep();
  if (relocation.left) throw new EnsembleError('interrupted', 'The program is ending.');
}

/** Either all has its old names, or the download waits for somebody who resumes it: then what was begun is ended. */
async function failed(download: Renamer, error: unknown): Promise<void> {
  const { torrent, crew, env } = download;
  if (torrent.renaming?.step === 'clear') {
    await crew.leave();
    const { code, message } = failureOf(error);
    return download.fail(code, message);
  }
  torrent.setRenaming(undefined);
  crew.run?.where.moved();
  await env.keep();
}

/** The names on disk, each step of which is recorded before it begins. */
async function onDisk(download: Renamer, files: FilesToRename, record: RenameRecord): Promise<void> {
  const { torrent, env } = download;
  if (files.first !== undefined && (await files.renaming.give()) === 0) {
    throw new EnsembleError('disk', `"${files.first}" is missing: attach its disk, and resume.`);
  }
  torrent.setRenaming({ ...record, step: 'clear' });
  await env.keep();
  await files.renaming.clear();
}

/** All have their new names: from now on the download goes by these. */
async function settle(
  download: Renamer,
  { before, after, geometry }: Change,
  { names, trusted }: Pick<RenameRecord, 'names' | 'trusted'>,
): Promise<void> {
  const { files, options, folders, env } = download;
  const { output } = options;
  if (files.placed !== undefined) {
    const now = new Map(
      before.files.map((_, file) => [targetPath(before, output, file), targetPath(after, output, file)]),
    );
    const nameOf = (path: string): string => now.get(path) ?? path;
    const finished = { ...folders.place, info: after, geometry, options, placed: files.placed.map(nameOf) };
    files.renamed(nameOf, await timesAfter(env.ports, { ...finished, warn: () => {} }, trusted));
  }
  download.named(names);
  await env.keep();
}

interface FilesToRename {
  /** Which of the torrent's they are. */
  readonly files: ReadonlySet<number>;
  /** Absolute path of one of them. */
  readonly first: string | undefined;
  readonly renaming: FileRenaming;
}

/** Those of the files that change their names that have them on disk already. */
async function filesToRename({ files, folders, options, env }: Renamer, change: Change): Promise<FilesToRename> {
  const { before, after, changing } = change;
  const { disk } = env.ports;
  const { output } = options;
  const { workFolder, chosen } = folders.place;
  const ours = new Set([...(files.placed ?? []), ...(await namesGiven(disk, workFolder, before, output, changing))]);
  const there = changing.filter((file) => ours.has(targetPath(before, output, file)));
  const [first] = there;
  const names = there.map((file): NewName => ({
    from: before.files[file]?.path ?? [],
    to: after.files[file]?.path ?? [],
  }));
  const location = locationOf({ options, workFolder, chosen }, identityIndex(0), true);
  return {
    files: new Set(there),
    first: first === undefined ? undefined : targetPath(before, output, first),
    renaming: new FileRenaming(disk, location, names),
  };
}

/**
 * Rejects with EnsembleError('exists') where something else has one of the new names. Resolves to whether something that is not known
 * to be ours has a name from before, as with `reuse`.
 */
async function expectRoom({ options, env }: Renamer, change: Change, ours: FilesToRename): Promise<boolean> {
  const { before, after, changing } = change;
  const { output } = options;
  const { disk } = env.ports;
  const wanted = wantedFiles(before, options.filePriorities);
  const looked = changing.filter((file) => wanted[file] === 1);
  const only = new Set(looked);
  const filePriorities = before.files.map((_, file) => (only.has(file) ? NORMAL : 0));
  const { taken, blocked } = await inspectTarget(disk, after, { output, filePriorities });
  if (blocked !== undefined) throw targetBlocked(before, blocked);
  let left = false;
  await inLanes(looked, AT_ONCE, async (file) => {
    const old = await disk.info(targetPath(before, output, file));
    const there = taken[file] === 1 ? await disk.info(targetPath(after, output, file)) : undefined;
    if (there !== undefined && there.id !== old?.id) throw targetBlocked(before, targetPath(after, output, file));
    left ||= old !== undefined && !ours.files.has(file);
  });
  return left;
}

/** See `Change.changing`. */
function changing(before: Info, after: Info): number[] {
  const pathOf = (info: Info, file: number): string | undefined => info.files[file]?.path.join('/');
  return [...before.files.keys()].filter((file) => pathOf(before, file) !== pathOf(after, file));
}
