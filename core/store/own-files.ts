import type { LayoutKind } from '../base/choices.ts';
import { inLanes } from '../base/lanes.ts';
import { workPath } from '../metainfo/chosen-names.ts';
import type { Info } from '../metainfo/torrent.ts';
import { type Disk, diskCode } from '../ports/disk.ts';

/** How many files are removed at the same time: a torrent may have 100,000. */
const AT_ONCE = 8;
/**
 * Suffixes of files that a killed process left while replacing (`Disk.replaceFile`), making (`createFile`) or copying (`openOwn`) a
 * file.
 */
const HALF = String.raw`(?:\.[0-9a-f]{16}\.tmp|\.[\w-]{1,64}\.new(?:\.[0-9a-f]{16}\.tmp)?|\.copy\.\d{1,6})?`;
const TMP = String.raw`(?:\.[0-9a-f]{16}\.tmp)`;
const NUMBER = String.raw`(?:0|[1-9]\d{0,2})`;
const named = (name: string): RegExp => new RegExp(`^${name}${HALF}$`);
/** Records of a working folder, except its manifest and lock. */
const RECORDS = named(
  String.raw`(?:torrent|resume(?:-${NUMBER})?|have-${NUMBER}|sibling-${NUMBER}\.json|seat-${NUMBER}|lock-${NUMBER}(?:\.[0-9a-f]{1,64})?)`,
);
// By these a folder without a manifest counts as ours, so they are no wider than what is really written there.
const MANIFEST = new RegExp(String.raw`^manifest\.json(?:${TMP}|\.(?:coordinator|identity-${NUMBER})\.new${TMP}?)?$`);
const TOKEN = '[0-9a-f]{24}';
/** The lock, and who is about to take it over from a holder or from a lock that cannot be read. */
const LOCK = new RegExp(String.raw`^lock(?:\.(?:${TOKEN}|damaged-[0-9a-f]{1,8}))?(?:${TMP}|\.${TOKEN}\.new${TMP}?)?$`);
const BEGUN = new RegExp(`^begun-${NUMBER}$`);
const COPY = new RegExp(String.raw`^copy-${NUMBER}\.\d{1,6}$`);
const PART_INDEX = new RegExp(String.raw`^part-(${NUMBER})\.index${HALF}$`);
const PART = new RegExp(String.raw`^part-(${NUMBER})(?:\.\d{1,6})?$`);
const CLAIM = /^(0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5}))?(?:\.free)?$/;
const PIECE = /^(0|[1-9]\d{0,5})$/;

/** What a torrent says of which files are ours. */
export interface OwnedTorrent {
  readonly info: Pick<Info, 'files' | 'pieceCount'>;
  readonly layout: LayoutKind;
}

/** Whether all of these names may be in a working folder before its manifest is written. */
export function isUnclaimed(names: readonly string[]): boolean {
  return names.every((name) => name !== MANIFEST_NAME && (LOCK.test(name) || MANIFEST.test(name)));
}

export const MANIFEST_NAME = 'manifest.json';
export const LOCK_NAME = 'lock';

/**
 * Removes from a working folder of ours the files of pieces and begun pieces, by the names that the torrent and its layout give
 * them, and folders that are empty then. Everything else stays. `keeps`: files in place that stay.
 */
export async function removePayload(
  disk: Disk,
  folder: string,
  { info, layout }: OwnedTorrent,
  keeps: (file: number) => boolean = () => false,
): Promise<void> {
  const names = await disk.list(folder);
  if (layout === 'in-place' && names.includes('files')) {
    const files = info.files.filter((file, i) => !file.padding && !keeps(i)).map(workPath);
    await removeTorrentFiles(disk, `${folder}/files`, files);
    await disk.removeDirectory(`${folder}/files`);
  }
  if (layout === 'pieces' && names.includes('pieces')) {
    await removeNumbered(disk, `${folder}/pieces`, PIECE, info.pieceCount);
  }
  if (layout === 'parts') await removeParts(disk, folder, names);
  for (const name of names) {
    if (BEGUN.test(name)) await removeNumbered(disk, `${folder}/${name}`, PIECE, info.pieceCount);
    else if (COPY.test(name)) await removeFile(disk, `${folder}/${name}`);
  }
}

/** Removes our other files from a working folder of ours, except the lock. The manifest is removed last, as it identifies the folder. */
export async function removeRecords(disk: Disk, folder: string, pieceCount: number): Promise<void> {
  const names = await disk.list(folder);
  if (names.includes('claims')) await removeNumbered(disk, `${folder}/claims`, CLAIM, pieceCount);
  for (const name of names) if (RECORDS.test(name)) await removeFile(disk, `${folder}/${name}`);
  await removeFile(disk, `${folder}/${MANIFEST_NAME}`);
}

/** Paths of our files in a working folder, below it. */
export interface OwnPaths {
  readonly payload: readonly string[];
  /** The manifest, by which the folder is ours, is the last. */
  readonly records: readonly string[];
}

/** What we keep in a working folder of ours. Locks and what was left half-made are no part of it; files in place may be missing. */
export async function ownPaths(disk: Disk, folder: string, { info, layout }: OwnedTorrent): Promise<OwnPaths> {
  const names = await disk.list(folder);
  const numbered = async (below: string, name: RegExp): Promise<string[]> =>
    (await numberedIn(disk, `${folder}/${below}`, name, info.pieceCount)).map((one) => `${below}/${one}`);
  const payload: string[] = [];
  if (layout === 'in-place' && names.includes('files')) {
    for (const file of info.files) if (!file.padding) payload.push(`files/${workPath(file).join('/')}`);
  }
  if (layout === 'pieces' && names.includes('pieces')) payload.push(...(await numbered('pieces', PIECE)));
  const { indexes, parts } = partsAmong(layout === 'parts' ? names : []);
  payload.push(...parts);
  for (const name of names) if (BEGUN.test(name)) payload.push(...(await numbered(name, PIECE)));
  const claims = names.includes('claims') ? await numbered('claims', CLAIM) : [];
  const records = names.filter((name) => RECORDS.test(name) && !name.startsWith(`${LOCK_NAME}-`));
  const manifest = names.filter((name) => name === MANIFEST_NAME);
  return { payload, records: [...indexes, ...claims, ...records, ...manifest] };
}

/** Removes what processes left that died while they made the lock or the manifest. The caller holds the lock. */
export async function removeHalves(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) {
    const isHalf = name !== LOCK_NAME && name !== MANIFEST_NAME && (LOCK.test(name) || MANIFEST.test(name));
    if (isHalf) await removeFile(disk, `${folder}/${name}`);
  }
}

/** Removes files below `root` by their paths, and the folders above them that are empty then; `root` stays. */
export async function removeTorrentFiles(
  disk: Disk,
  root: string,
  paths: readonly (readonly string[])[],
): Promise<void> {
  await inLanes(paths, AT_ONCE, (path) => removeFile(disk, `${root}/${path.join('/')}`));
  await removeFoldersAbove(disk, root, paths);
}

/** Removes the folders above paths below `root` that are empty. */
export async function removeFoldersAbove(
  disk: Disk,
  root: string,
  paths: readonly (readonly string[])[],
): Promise<void> {
  for (const folder of foldersAbove(paths)) await removeEmpty(disk, `${root}/${folder}`);
}

/** The folders that paths lead through, the deepest first. */
export function foldersAbove(paths: readonly (readonly string[])[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) for (let i = 1; i < path.length; i++) folders.add(path.slice(0, i).join('/'));
  return [...folders].sort((a, b) => b.split('/').length - a.split('/').length);
}

/** Removes files with numbers as names from a folder, and the folder if it is empty then. */
export async function removeNumbered(disk: Disk, folder: string, name: RegExp, below: number): Promise<void> {
  if ((await disk.info(folder))?.kind !== 'directory') return;
  const ours = await numberedIn(disk, folder, name, below);
  await inLanes(ours, AT_ONCE, (one) => removeFile(disk, `${folder}/${one}`));
  await removeEmpty(disk, folder);
}

async function numberedIn(disk: Disk, folder: string, name: RegExp, below: number): Promise<string[]> {
  return (await disk.list(folder)).filter((one) => Number(name.exec(one)?.[1] ?? below) < below);
}

/** A part without its index is not ours. */
function partsAmong(names: readonly string[]): {
  readonly indexes: readonly string[];
  readonly parts: readonly string[];
} {
  const indexes = names.filter((name) => PART_INDEX.test(name));
  const identities = new Set(indexes.map((name) => PART_INDEX.exec(name)?.[1]));
  return { indexes, parts: names.filter((name) => identities.has(PART.exec(name)?.[1] ?? 'none')) };
}

/** Removes parts, and then the indexes, by which they are ours. */
async function removeParts(disk: Disk, folder: string, names: readonly string[]): Promise<void> {
  const { indexes, parts } = partsAmong(names);
  for (const name of [...parts, ...indexes]) await removeFile(disk, `${folder}/${name}`);
}

/** Removes a file or a link; one that is missing is fine. A folder with that name is somebody else's and stays. */
export async function removeFile(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    const isFolder = ['EISDIR', 'EPERM', 'EACCES'].includes(diskCode(error) ?? '');
    if (isFolder && (await disk.info(path))?.kind === 'directory') return;
    throw error;
  }
}

/** Removes an empty folder. Something else may have its name. */
async function removeEmpty(disk: Disk, folder: string): Promise<void> {
  try {
    await disk.removeDirectory(folder);
  } catch (error) {
    if (diskCode(error) !== 'ENOTDIR') throw error;
  }
}
