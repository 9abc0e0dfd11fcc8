import { Staging } from '../../assembly/staging.ts';
import type { Bitfield } from '../../base/bitfield.ts';
import {
  identityIndex,
  type IdentityIndex,
  type InfoHash,
  piece,
  type PieceIndex,
  UNKNOWN_OWNER,
} from '../../base/ids.ts';
import { inLanes } from '../../base/lanes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { workPath } from '../../metainfo/chosen-names.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import type { BegunRecord } from '../../store/records/begun-record.ts';
import { readManifest } from '../../store/records/manifest.ts';
import { removePayload, removeRecords, removeTorrentFiles } from '../../store/own-files.ts';
import { readPartIndexes } from '../../store/layouts/part-index.ts';
import { loadState, saveState } from '../../store/records/state.ts';
import { wantedFiles } from '../download/file-choice.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { targetPath } from './target.ts';

/** Most bytes of a torrent's name in the folder's name, which may have 255 in all. */
const MAX_NAME = 150;
/** Lookups at the same time: a torrent may have 100,000 files. */
const AT_ONCE = 32;

/** The default working folder: hidden, beside the output, and the same each time. */
export function defaultWorkFolder(output: string, name: string, infoHash: InfoHash): string {
  let short = name;
  while (new TextEncoder().encode(short).length > MAX_NAME) short = short.slice(0, -1);
  return `${output}/.${short}.${infoHash.slice(0, 8)}.ensemble`;
}

/** What the records in a working folder say of its download. */
export interface RecordedProgress {
  readonly have: Bitfield;
  readonly owners: Uint8Array;
  /** Pieces to be read again before they count; some may not be in `have`. */
  readonly doubtful: Uint32Array;
  readonly begun: ReadonlyMap<IdentityIndex, readonly BegunRecord[]>;
  /** Whether the last run ended cleanly. */
  readonly clean: boolean;
  /** A record is damaged, or missing although pieces were written: everything has to be read again. */
  readonly damaged: boolean;
}

/** Reads the records of the identities, and of the last run. */
export async function loadProgress(disk: Disk, workFolder: string, info: Info): Promise<RecordedProgress> {
  const { infoHash, pieceCount } = info;
  const { have, owners, unsynced, damaged, begun, clean } = await loadState(disk, { workFolder, infoHash, pieceCount });
  const doubtful = damaged ? Uint32Array.from({ length: pieceCount }, (_, p) => p) : Uint32Array.from(unsynced);
  if (damaged) await takePartOwners(disk, workFolder, info, owners);
  return { have, owners, doubtful, begun: await begunByIdentity(disk, workFolder, begun), clean, damaged };
}

/** Where the records do not say whose part a piece lies in, takes it from the parts' indexes. */
async function takePartOwners(disk: Disk, workFolder: string, info: Info, owners: Uint8Array): Promise<void> {
  const indexes = await readPartIndexes(disk, workFolder, info.infoHash, new Geometry(info));
  for (const [identity, index] of indexes) {
    for (const p of index.pieces()) if (owners[p] === UNKNOWN_OWNER) owners[p] = identity;
  }
}

/**
 * Writes the resume record. `clean`: no identity has the download any more. Otherwise it names no blocks of begun pieces, as these
 * may be dropped or overwritten from now on.
 */
export async function saveProgress(
  disk: Disk,
  plan: RunPlan,
  totals: { readonly downloaded: number; readonly uploaded: number },
  clean: boolean,
): Promise<void> {
  const { info, ledger, workFolder } = plan;
  const members = clean ? plan.members : [];
  const { infoHash, pieceCount } = info;
  const unsynced = [...ledger.present.indexes()].filter((p) => !ledger.synced.has(p)).map(piece);
  const begun = members.flatMap((member) => member.begun).filter((record) => !ledger.present.has(record.piece));
  const { downloaded, uploaded } = totals;
  const state = { have: ledger.present, owners: ledger.owners, unsynced, begun, downloaded, uploaded };
  await saveState(disk, { workFolder, infoHash, pieceCount }, state, clean);
}

/** These pieces are to be read again before they count, whatever happens to the times of their files. */
export async function doubt(
  disk: Disk,
  workFolder: string,
  { infoHash, pieceCount }: Pick<Info, 'infoHash' | 'pieceCount'>,
  pieces: readonly PieceIndex[],
): Promise<void> {
  const location = { workFolder, infoHash, pieceCount };
  const state = await loadState(disk, location);
  await saveState(disk, location, { ...state, unsynced: [...new Set([...state.unsynced, ...pieces])] }, state.clean);
}

/**
 * Removes what is ours in a working folder, but its lock, by what its manifest and the torrent name (architecture,
 * "Layouts"): nothing where the manifest is not this torrent's. Without `info` no payload can be there.
 */
export async function emptyWorkFolder(
  disk: Disk,
  workFolder: string,
  infoHash: InfoHash,
  info: Info | undefined,
): Promise<void> {
  const manifest = await readManifest(disk, workFolder);
  if (manifest?.infoHash !== infoHash) return;
  if (info !== undefined) await removePayload(disk, workFolder, { info, layout: manifest.layout });
  await removeRecords(disk, workFolder, info?.pieceCount ?? 0);
}

/** Removes the torrent's wanted files under their final names, and folders that are empty then. */
export async function removeResult(
  disk: Disk,
  info: Info,
  options: Pick<DownloadOptions, 'output' | 'filePriorities'>,
  result: readonly string[],
): Promise<void> {
  const there = new Set(result);
  const wanted = wantedFiles(info, options.filePriorities);
  const ours = info.files.filter((_, file) => wanted[file] === 1 && there.has(targetPath(info, options.output, file)));
  await removeTorrentFiles(
    disk,
    options.output,
    ours.map(({ path }) => path),
  );
}

/**
 * Final names that an assembly gave before it was cut short: what bears them has another name where we kept or copied it.
 */
export async function namesGiven(
  disk: Disk,
  workFolder: string,
  info: Info,
  output: string,
  files: Iterable<number> = info.files.keys(),
): Promise<readonly string[]> {
  const given: string[] = [];
  const staging = new Staging(disk, output, info);
  await inLanes(files, AT_ONCE, async (file) => {
    const path = targetPath(info, output, file);
    const found = await disk.info(path);
    if (found?.kind !== 'file') return;
    const entry = info.files[file];
    if (entry === undefined) return;
    for (const other of [`${workFolder}/files/${workPath(entry).join('/')}`, staging.path(file)]) {
      if ((await disk.info(other))?.id === found.id) given.push(path);
    }
  });
  return given;
}

/** Begun pieces by identity: their blocks lie in `begun-<i>`, and identity i continues them. */
async function begunByIdentity(
  disk: Disk,
  workFolder: string,
  begun: readonly BegunRecord[],
): Promise<Map<IdentityIndex, BegunRecord[]>> {
  const out = new Map<IdentityIndex, BegunRecord[]>();
  if (begun.length === 0) return out;
  for (const name of await disk.list(workFolder)) {
    const digits = /^begun-(0|[1-9]\d{0,2})$/.exec(name)?.[1];
    if (digits === undefined) continue;
    const pieces = new Set(await disk.list(`${workFolder}/${name}`));
    const records = begun.filter((record) => pieces.has(String(record.piece)));
    out.set(identityIndex(Number(digits)), records);
  }
  return out;
}
