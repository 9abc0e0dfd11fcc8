import { Bitfield } from '../../base/bitfield.ts';
import { EnsembleError } from '../../base/errors.ts';
import { identityIndex, type IdentityIndex, piece, type PieceIndex, UNKNOWN_OWNER } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import type { BegunRecord } from '../../store/records/begun-record.ts';
import type { DownloadEnv } from '../download-env.ts';
import { NORMAL, piecePriorities, piecesWithin, servablePieces, wantedFiles, wantedPieces } from './file-choice.ts';
import { fitTargets } from '../../assembly/fit.ts';
import { findMissing } from './missing-files.ts';
import { importPieces } from './import-pieces.ts';
import { changedAtTarget, changedInFolder } from './changed-files.ts';
import { recordLost } from '../../store/records/journal.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import { PieceLedger } from './piece-ledger.ts';
import { locationOf } from '../run/run-plan.ts';
import { inspectTarget, type Target, targetPath, wantedPaths } from '../folder/target.ts';
import { claimFolder, folderBegun } from '../folder/folder-claim.ts';
import { loadProgress, type Progress } from '../folder/work-folder.ts';
import type { ChosenFolder } from '../../store/layouts/layout.ts';

/** What a download finds when it starts. */
export interface Prepared {
  readonly ledger: PieceLedger;
  readonly begun: ReadonlyMap<IdentityIndex, readonly BegunRecord[]>;
  /** Set where every wanted file has its final name already. */
  readonly result: readonly string[] | undefined;
  /** The wanted files that have their final names (the same as `result` if these are all); undefined: none ever had. */
  readonly placed: readonly string[] | undefined;
  /** Newest times of these files: files that are newer at the next start were changed by somebody else. */
  readonly times?: FileTimes;
}

/** What is known about a download when it is looked for. */
export interface LookInput {
  readonly info: Info;
  readonly geometry: Geometry;
  readonly options: DownloadOptions;
  readonly workFolder: string;
  readonly chosen: readonly ChosenFolder[] | undefined;
  /** Files that we assembled before, under their final names. Undefined: none ever was. */
  readonly placed: readonly string[] | undefined;
}

export interface PrepareInput extends LookInput {
  readonly torrentFile: Uint8Array;
  /** Newest times of these when they were known to be right. */
  readonly times: FileTimes | undefined;
  /** Whether to read every piece, whatever is known of it. */
  readonly everything: boolean;
  /** Whether some of it was downloaded before. */
  readonly fetched: boolean;
  /** Whether the user wants missing files to be fetched again. */
  readonly fetchMissing: boolean;
  readonly lock: () => Promise<void>;
  /** Removes what an earlier run left of the working folder; resolves to whether there was anything. */
  readonly clearLeft: () => Promise<boolean>;
  /** Removes what an assembly that was cut short left beside the files. */
  readonly clearStaging: () => Promise<boolean>;
  readonly progress: (fraction: number) => void;
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Finds out what is there already: finished files at the target, or the working folder of an earlier run. Of that, only pieces are
 * read again that were not recorded as synced, or whose files somebody else changed meanwhile. Rejects with FilesMissing where what
 * was there is gone, with EnsembleError('exists') where something else is in the way.
 */
export async function prepareDownload(env: DownloadEnv, input: PrepareInput): Promise<Prepared> {
  const { info, options, workFolder } = input;
  const { disk } = env.ports;
  const target = await inspectTarget(disk, info, options);
  const begun = await folderBegun(disk, workFolder, info.infoHash);
  const missing = findMissing(input, target, begun);
  if (missing === undefined) return prepare(env, input, target, begun);
  if (input.fetchMissing) return prepare(env, { ...input, placed: missing.left }, target, begun);
  // The rest of its working folder may still hold the bytes of files that somebody removed.
  if (missing.finished) await input.clearLeft();
  throw missing;
}

async function prepare(env: DownloadEnv, input: PrepareInput, found: Target, begun: boolean): Promise<Prepared> {
  const { info, options, workFolder, placed } = input;
  const { disk } = env.ports;
  const { kind: target, arrived, blocked } = found;
  const ledger = newLedger(input);
  let there: Uint8Array | undefined;
  let fits = false;
  if (placed !== undefined && !begun && wantedPaths(info, options).length === 0) {
    return finished(input, ledger, wantedPieces(input), servablePieces(input));
  }
  if (blocked !== undefined && target !== 'whole') throw isBlocked(info, blocked);
  const isMore = target === 'partly' && !options.reuse;
  if (target === 'whole' || (target !== 'none' && options.reuse && !begun)) {
    const wanted = wantedPieces(input);
    const servable = servablePieces(input);
    const { believed, newest } = await believedAtTarget(env, input, target === 'whole');
    there = await checkTarget(env, input, { wanted, servable, believed });
    if (isWhole(ledger, there) && (target === 'whole' || (await fit(env, input)))) {
      const left = await input.clearLeft();
      const now = left || target !== 'whole' ? await timesNow(env, input, wanted) : newest;
      // Removing the working folder took the files' second names, which changed their times; when they were written is known from
      // before.
      const times = target === 'whole' ? { modified: newest.modified, changed: now.changed } : now;
      return { ...finished(input, ledger, wanted, servable), times };
    }
    fits = target === 'whole' && !options.reuse && mayBeWhole(ledger, there, servable);
    // Pieces that reach into other files were only trusted: from here on they have to be read, or fetched.
    for (const p of believed.indexes()) if (!servable.has(p)) there[p] = 0;
  } else if (isMore && placed !== undefined && !begun) {
    there = await checkArrived(env, input, arrived, ledger);
    fits = mayBeWhole(ledger, there, servablePieces(of(input, arrived)));
  }
  // Files at the target beside a working folder of ours came from an assembly that was cut short, unless they are other files.
  const isForeign = !begun || (target === 'other' && placed !== undefined);
  if (target !== 'none' && !fits && !options.reuse && isForeign) throw occupied(info, options);
  await input.lock();
  await input.clearStaging();
  await claimFolder(disk, workFolder, info.infoHash, options, input.torrentFile);
  const progress = await loadProgress(disk, workFolder, info);
  take(ledger, progress);
  const changed = input.everything ? [] : await changedMeanwhile(env, input, progress);
  if (progress.damaged)
    input.warn(`The record of what is there of ${info.name} is damaged or gone: all of it is read again.`);
  await confirm(env, input, ledger, progress.owners, Uint32Array.from(new Set([...progress.doubtful, ...changed])));
  if (there !== undefined && options.reuse) await reuse(env, input, ledger, there);
  if (isMore && begun) there = await checkArrived(env, input, arrived, ledger);
  // Only the rest is fetched, and assembly compares it with the files that are there.
  if (there !== undefined && !options.reuse && (fits || begun))
    ledger.settle([...there.keys()].filter((p) => there?.[p] === 1));
  return { ledger, begun: progress.begun, result: undefined, placed };
}

/** Gives files whose pieces are right their proper lengths; resolves to whether that was possible in place. */
function fit({ ports }: DownloadEnv, { info, options }: LookInput): Promise<boolean> {
  const wanted = wantedFiles(info, options.filePriorities);
  return fitTargets(
    ports.disk,
    options.output,
    info,
    [...wanted.keys()].filter((file) => wanted[file] === 1),
  );
}

/**
 * What is there according to the records, for a download that is only shown: no piece is read, and nothing is written. Rejects as
 * `loadState` does.
 */
export async function recordedProgress(disk: Disk, input: LookInput): Promise<PieceLedger> {
  const { info, options, workFolder } = input;
  const ledger = newLedger(input);
  if (input.placed !== undefined) {
    const { kind, arrived } = await inspectTarget(disk, info, options);
    const ours = both(arrived, filesOf(input, input.placed));
    if (kind === 'whole' && arrived.every((one, file) => one === ours[file])) {
      return finished(input, ledger, wantedPieces(input), servablePieces(input)).ledger;
    }
    ledger.settle(servablePieces(of(input, ours)).indexes());
  }
  if (await folderBegun(disk, workFolder, info.infoHash)) take(ledger, await loadProgress(disk, workFolder, info));
  return ledger;
}

function newLedger({ info, geometry, options }: LookInput): PieceLedger {
  return new PieceLedger(geometry, piecePriorities(info, geometry, options.filePriorities));
}

/** Takes over what the records say. */
function take(ledger: PieceLedger, { have, owners }: Progress): void {
  for (const p of have.indexes()) {
    ledger.add(piece(p), owners[p] ?? UNKNOWN_OWNER);
    ledger.synced.add(p);
  }
}

/** The result where everything is in its place. */
function finished({ info, options }: LookInput, ledger: PieceLedger, wanted: Bitfield, servable: Bitfield): Prepared {
  for (const p of servable.indexes()) {
    ledger.add(piece(p), UNKNOWN_OWNER);
    ledger.synced.add(p);
  }
  // The other pieces cannot be uploaded, and need not be fetched.
  ledger.settle(wanted.indexes());
  const result = wantedPaths(info, options);
  return { ledger, begun: new Map(), result, placed: result };
}

/** Whether everything wanted is right at the target. */
function isWhole(ledger: PieceLedger, good: Uint8Array): boolean {
  return good.every((one, p) => one === 1 || !ledger.wants(piece(p)));
}

/** Whether nothing at the target is known to be wrong: for pieces that reach into other files that is unknown. */
function mayBeWhole(ledger: PieceLedger, good: Uint8Array, servable: Bitfield): boolean {
  return good.every((one, p) => one === 1 || !ledger.wants(piece(p)) || !servable.has(p));
}

/** The same download with only these files. */
function of<T extends LookInput>(input: T, files: Uint8Array): T {
  const filePriorities = Array.from(files, (one) => (one === 1 ? NORMAL : 0));
  return { ...input, options: { ...input.options, filePriorities } };
}

/** 1 for each file of the torrent that has one of these paths. */
function filesOf({ info, options }: LookInput, paths: readonly string[]): Uint8Array {
  const there = new Set(paths);
  return Uint8Array.from(info.files, (_, file) => (there.has(targetPath(info, options.output, file)) ? 1 : 0));
}

const both = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((one, file) => one & (b[file] ?? 0));

/**
 * Which wanted pieces need not be read at a target that is `whole`: those in our own files that nobody has changed since. A piece
 * that also reaches into unwanted files was verified when it was assembled.
 */
async function believedAtTarget(
  env: DownloadEnv,
  input: PrepareInput,
  whole: boolean,
): Promise<{ readonly believed: Bitfield; readonly newest: FileTimes }> {
  const { info, options, placed = [] } = input;
  const wanted = wantedPieces(input);
  const ours = filesOf(input, whole ? placed : []);
  const isWanted = wantedFiles(info, options.filePriorities);
  const all = isWanted.every((one, file) => one <= (ours[file] ?? 0));
  const { newest, pieces } = await changedAtTarget(env.ports, input, wanted, all ? input.times : undefined);
  if (!whole || placed.length === 0) return { believed: new Bitfield(info.pieceCount), newest };
  const believed = piecesWithin(input, (file) => ours[file] === 1 || isWanted[file] === 0);
  believed.retain(wanted);
  const changed = all ? pieces : await changedSince(env, of(input, ours), believed);
  for (const p of changed) believed.delete(p);
  return { believed, newest };
}

/**
 * Of the pieces that the ledger lacks, which are right in files that have their final names: one byte each. The other files of the
 * download were chosen after these had been assembled, or their assembly was cut short.
 */
async function checkArrived(
  env: DownloadEnv,
  input: PrepareInput,
  arrived: Uint8Array,
  ledger: PieceLedger,
): Promise<Uint8Array> {
  const unknown = servablePieces(of(input, arrived));
  for (const p of ledger.present.indexes()) unknown.delete(p);
  const ours = of(input, both(arrived, filesOf(input, input.placed ?? [])));
  const believed = servablePieces(ours);
  believed.retain(unknown);
  for (const p of await changedSince(env, ours, believed)) believed.delete(p);
  return checkTarget(env, of(input, arrived), { wanted: unknown, servable: unknown, believed });
}

/** Those of the pieces whose files somebody changed since we assembled them. */
async function changedSince(env: DownloadEnv, ours: PrepareInput, believed: Bitfield): Promise<readonly PieceIndex[]> {
  return believed.isEmpty ? [] : (await changedAtTarget(env.ports, ours, believed, ours.times)).pieces;
}

/** Newest times of the files as they are now. */
async function timesNow(env: DownloadEnv, input: PrepareInput, wanted: Bitfield): Promise<FileTimes> {
  return (await changedAtTarget(env.ports, input, wanted, undefined)).newest;
}

/**
 * Which wanted pieces are right at the target: one byte each. `believed` pieces need not be read. Where everything is to be read,
 * they still stand for pieces that cannot be read there because they reach into other files.
 */
async function checkTarget(
  env: DownloadEnv,
  input: PrepareInput,
  { wanted, servable, believed }: Readonly<Record<'wanted' | 'servable' | 'believed', Bitfield>>,
): Promise<Uint8Array> {
  const { everything } = input;
  const out = new Uint8Array(input.info.pieceCount);
  for (const p of believed.indexes()) if (!everything || !servable.has(p)) out[p] = 1;
  const unknown = Uint32Array.from(wanted.indexes()).filter((p) => out[p] === 0);
  if (unknown.length === 0) return out;
  const good = await recheck(env, input, unknown, undefined, true);
  for (const p of unknown) out[p] = good[p] ?? 0;
  return out;
}

/** Pieces that are there according to the records, but lie in files that somebody else changed. */
function changedMeanwhile(
  env: DownloadEnv,
  input: PrepareInput,
  { have, owners, doubtful, clean }: Progress,
): Promise<readonly PieceIndex[]> {
  const believed = have.clone();
  for (const p of doubtful) believed.delete(p);
  return changedInFolder(env.ports, input, { have: believed, owners, clean });
}

/** Reads again what an unclean end left in doubt, or everything where that is asked for. */
async function confirm(
  env: DownloadEnv,
  input: PrepareInput,
  ledger: PieceLedger,
  owners: Uint8Array,
  doubtful: Uint32Array,
): Promise<void> {
  const all = (): Uint32Array => Uint32Array.from({ length: input.info.pieceCount }, (_, p) => p);
  const pieces = input.everything ? all() : doubtful;
  if (pieces.length === 0) return;
  const good = await recheck(env, input, pieces, owners, false);
  const lost = [...pieces].filter((p) => good[p] !== 1 && ledger.present.has(p)).map(piece);
  // Before anything else is written, so that after a crash no record says that they are there (invariants 4 and 7).
  const { infoHash, pieceCount } = input.info;
  if (lost.length > 0) await recordLost(env.ports.disk, input.workFolder, infoHash, pieceCount, lost);
  for (const p of lost) ledger.remove(p);
  for (const p of pieces) {
    if (good[p] !== 1) continue;
    ledger.add(piece(p), owners[p] ?? UNKNOWN_OWNER);
    ledger.synced.add(p);
  }
}

async function reuse(env: DownloadEnv, input: PrepareInput, ledger: PieceLedger, there: Uint8Array): Promise<void> {
  const missing: number[] = [];
  there.forEach((good, p) => {
    if (good === 1 && !ledger.present.has(p)) missing.push(p);
  });
  const { info, geometry, options } = input;
  const owner = identityIndex(0);
  const from = locationOf(input, owner, true);
  const to = locationOf(input, owner, false);
  const ports = env.ports;
  const count = options.identities;
  await importPieces(ports, { info, geometry, from, to, count, pieces: missing, signal: input.signal }, (p) => {
    ledger.add(p, owner);
    input.progress(ledger.present.count / info.pieceCount);
  });
}

async function recheck(
  env: DownloadEnv,
  input: PrepareInput,
  pieces: Uint32Array | undefined,
  owners: Uint8Array | undefined,
  assembled: boolean,
): Promise<Uint8Array> {
  const { info, options } = input;
  const result = await env.jobs.run(
    {
      type: 'recheck',
      version: MESSAGES_VERSION,
      rawInfo: info.raw,
      naming: info.naming,
      location: locationOf(input, identityIndex(0), assembled),
      count: options.identities,
      ...(pieces === undefined ? {} : { pieces }),
      ...(owners === undefined ? {} : { owners }),
    },
    input.progress,
    input.signal,
  );
  if (result.type !== 'rechecked' || result.good.length !== info.pieceCount) {
    throw new EnsembleError('invalid-message', `The worker answered a recheck with "${result.type}" of another form.`);
  }
  return result.good;
}

/** The error for something at the target that is never replaced. */
export function isBlocked(info: Info, path: string): EnsembleError {
  return new EnsembleError(
    'exists',
    `"${path}" is in the way of ${info.name} and is not replaced: move it away, or choose another folder.`,
  );
}

/** The error for something of the user's at the target. */
export function occupied(info: Info, options: DownloadOptions): EnsembleError {
  return new EnsembleError(
    'exists',
    `Something else is where ${info.name} should go in ${options.output}: move it away, choose another folder, ` +
      `or use what is right in it and replace the rest (--reuse).`,
  );
}
