import { LAYOUT_KINDS, type LayoutKind, type SelectionMode } from '../../base/choices.ts';
import { EnsembleError } from '../../base/errors.ts';
import type { InfoHash } from '../../base/ids.ts';
import type { Disk } from '../../ports/disk.ts';
import { agreedFields, whatDiffers } from './agreement.ts';
import { encodeJson, parseJsonObject, refuseNewer } from './checked-json.ts';
import { createFile } from './create-file.ts';
import { isLock } from './lock.ts';
import { isUnclaimed, LOCK_NAME, MANIFEST_NAME } from '../own-files.ts';

const VERSION = 1;
const MAX_BYTES = 4096;

/** What all identities of a common directory must agree on (A4). */
export interface Manifest {
  readonly infoHash: InfoHash;
  /** K. */
  readonly count: number;
  readonly layout: LayoutKind;
  readonly selection: SelectionMode;
  /** An identity without a heartbeat for this long counts as dead; undefined: the default lease. */
  readonly leaseSeconds?: number;
}

/** The manifest of a common directory; undefined where it has none. Rejects with EnsembleError('usage') for one that is damaged, or 'newer-version'. */
export async function readManifest(disk: Disk, folder: string): Promise<Manifest | undefined> {
  const path = manifestPath(folder);
  const data = await disk.readFile(path, MAX_BYTES);
  if (data === undefined) return undefined;
  const fields = parseJsonObject(data);
  if (fields !== undefined) refuseNewer(fields, VERSION, 'manifest', path);
  const { infoHash, count, selection, leaseSeconds } = agreedFields(fields ?? {});
  const layout = LAYOUT_KINDS.find((kind) => kind === fields?.['layout']);
  if (
    infoHash === undefined ||
    !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(infoHash) ||
    count === undefined ||
    layout === undefined ||
    selection === undefined
  ) {
    throw new EnsembleError('usage', `"${path}" is no manifest of Ensemble. Choose another folder, or remove it.`);
  }
  const lease = leaseSeconds === undefined ? {} : { leaseSeconds };
  return { infoHash: infoHash as InfoHash, count, layout, selection, ...lease };
}

/**
 * Agrees on the manifest of a common directory: writes it where there is none (the first identity wins), and else compares.
 * Resolves to the valid one; rejects with EnsembleError('usage') naming what differs. `unique` is part of a temporary file's name,
 * such as a peer id.
 */
export async function agreeOnManifest(disk: Disk, folder: string, own: Manifest, unique: string): Promise<Manifest> {
  await makeOwnFolder(disk, folder);
  const path = manifestPath(folder);
  let there = await readManifest(disk, folder);
  if (there === undefined) {
    if (await createFile(disk, path, encodeJson({ version: VERSION, ...own }), unique)) {
      await disk.syncDirectory(folder);
      return own;
    }
    there = await readManifest(disk, folder);
    if (there === undefined) throw new EnsembleError('disk', `"${path}" was removed a moment ago. Try again.`);
  }
  const list = whatDiffers([
    ['torrent', there.infoHash, own.infoHash],
    ['number of identities', there.count, own.count],
    ['layout', there.layout, own.layout],
    ['selection', there.selection, own.selection],
  ]);
  if (list !== undefined) {
    throw new EnsembleError(
      'usage',
      `"${folder}" belongs to another download: ${list}. Use the same, or another folder.`,
    );
  }
  return there;
}

/** Replaces the manifest of a folder that is ours and locked. */
export async function replaceManifest(disk: Disk, folder: string, own: Manifest): Promise<void> {
  await disk.replaceFile(manifestPath(folder), encodeJson({ version: VERSION, ...own }));
}

/**
 * Makes a working folder, or makes sure that it is ours: by its manifest, or because it only contains what comes before that.
 * Rejects with EnsembleError('exists') where it holds anything else: it is not ours, and its files could have our names.
 */
export async function makeOwnFolder(disk: Disk, folder: string): Promise<void> {
  const names = await disk.list(folder);
  if (names.length === 0) return disk.makeDirectory(folder);
  if (names.includes(MANIFEST_NAME) || (await isFree(disk, folder, names))) return;
  throw new EnsembleError(
    'exists',
    `"${folder}" is where pieces would be kept, but it holds what Ensemble did not put there: move it away, or choose another folder.`,
  );
}

/**
 * Where the identities of a torrent meet in a folder that the user named: in the folder itself if it is missing, empty or theirs
 * already, or else in `own`, a folder in it whose name all of them know.
 */
export async function meetingFolder(disk: Disk, named: string, own: string): Promise<string> {
  const names = await disk.list(named);
  if (names.includes(MANIFEST_NAME)) return named;
  if (names.includes(own.slice(named.length + 1))) return own;
  return (await isFree(disk, named, names)) ? named : own;
}

/** Whether a folder with these names in it belongs to nobody yet, except perhaps an identity that is just taking it. */
export async function isFree(disk: Disk, folder: string, names: readonly string[]): Promise<boolean> {
  return isUnclaimed(names) && (!names.includes(LOCK_NAME) || (await isLock(disk, `${folder}/${LOCK_NAME}`)));
}

function manifestPath(folder: string): string {
  return `${folder}/${MANIFEST_NAME}`;
}
