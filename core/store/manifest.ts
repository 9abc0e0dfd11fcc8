import { MAX_IDENTITIES } from '../base/bounds.ts';
import { LAYOUT_KINDS, type LayoutKind, SELECTION_MODES, type SelectionMode } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash } from '../base/ids.ts';
import type { Disk } from '../ports/disk.ts';
import { encodeJson, integerField, parseJsonObject, refuseNewer, stringField } from './checked-json.ts';
import { createFile } from './create-file.ts';

const VERSION = 1;
const MAX_BYTES = 4096;
/** A shorter lease would end at the next hiccup of a disk; with a longer one the claims of dead identities would be stuck. */
const LEASE_SECONDS = { least: 2, most: 3600 };

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
  const infoHash = fields && stringField(fields, 'infoHash', 64);
  const count = fields && integerField(fields, 'count', 1, MAX_IDENTITIES);
  const layout = LAYOUT_KINDS.find((kind) => kind === fields?.['layout']);
  const selection = SELECTION_MODES.find((mode) => mode === fields?.['selection']);
  const leaseSeconds = fields && integerField(fields, 'leaseSeconds', LEASE_SECONDS.least, LEASE_SECONDS.most);
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
  await disk.makeDirectory(folder);
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
  const differs = (
    [
      ['torrent', there.infoHash, own.infoHash],
      ['number of identities', there.count, own.count],
      ['layout', there.layout, own.layout],
      ['selection', there.selection, own.selection],
    ] as const
  ).filter(([, theirs, ours]) => theirs !== ours);
  if (differs.length > 0) {
    const list = differs.map(([what, theirs, ours]) => `its ${what} is ${theirs}, not ${ours}`).join('; ');
    throw new EnsembleError(
      'usage',
      `"${folder}" belongs to another download: ${list}. Use the same, or another folder.`,
    );
  }
  return there;
}

function manifestPath(folder: string): string {
  return `${folder}/manifest.json`;
}
