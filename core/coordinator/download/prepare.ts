import { identityIndex, type IdentityIndex, piece, UNKNOWN_OWNER } from '../../base/ids.ts';
import { fitTargets } from '../../assembly/fit.ts';
import type { Disk } from '../../ports/disk.ts';
import type { BegunRecord } from '../../store/records/begun-record.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import type { DownloadEnv } from '../download-env.ts';
import { claimFolder, folderBegun } from '../folder/folder-claim.ts';
import {
  inspectTarget,
  type Target,
  targetBlocked,
  targetOccupied,
  wantedPaths,
  wantsAnyFile,
} from '../folder/target.ts';
import { loadProgress } from '../folder/work-folder.ts';
import { locationOf } from '../run/run-plan.ts';
import { asLeft } from './as-left.ts';
import { piecePriorities, servablePieces, wantedFiles, wantedPieces } from './file-choice.ts';
import { takeFolder, takeRecords } from './folder-pieces.ts';
import { importPieces } from './import-pieces.ts';
import { findMissing } from './missing-files.ts';
import { PieceLedger } from './piece-ledger.ts';
import type { LookInput, PrepareInput } from './prepare-input.ts';
import { type StartFacts, firstStep, useOfTarget } from './starting-point.ts';
import { othersMissing, takeOthers } from './take-others.ts';
import { arrivedPieces, readArrived, readTarget, type TargetRead, timesAtTarget } from './target-pieces.ts';

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

/**
 * Finds out what is there already: finished files at the target, or the working folder of an earlier run. Of that, only pieces are
 * read again that were not recorded as synced, or whose files somebody else changed meanwhile. Rejects with FilesMissing where what
 * was there is gone, with EnsembleError('exists') where something else is in the way.
 */
export async function prepareDownload(env: DownloadEnv, input: PrepareInput): Promise<Prepared> {
  const { info, options, workFolder } = input;
  const { disk, clock } = env.ports;
  const left = await asLeft(disk, input, clock.wall());
  if (left !== undefined) return { ...finished(input), times: left };
  const target = await inspectTarget(disk, info, options);
  const begun = await folderBegun(disk, workFolder, info.infoHash);
  const missing = findMissing(input, target, begun) ?? (await othersMissing(input, target, begun));
  if (missing === undefined) return prepare(env, input, target, begun);
  if (input.fetchMissing) return prepare(env, { ...input, placed: missing.left }, target, begun);
  // The rest of its working folder may still hold the bytes of files that somebody removed.
  if (missing.finished) await input.clearLeft();
  throw missing;
}

/**
 * What is there according to the records, for a download that is only shown: no piece is read, and nothing is written. Rejects as
 * `loadState` does.
 */
export async function recordedProgress(disk: Disk, input: LookInput): Promise<PieceLedger> {
  const { info, options, workFolder } = input;
  const ledger = newLedger(input);
  if (input.placed !== undefined) {
    const arrived = arrivedPieces(input, await inspectTarget(disk, info, options));
    if (arrived === undefined) return finished(input).ledger;
    ledger.addPlaced(arrived.indexes());
  }
  if (await folderBegun(disk, workFolder, info.infoHash))
    takeRecords(ledger, await loadProgress(disk, workFolder, info));
  return ledger;
}

/** Does what `starting-point` decides. */
async function prepare(env: DownloadEnv, input: PrepareInput, target: Target, begun: boolean): Promise<Prepared> {
  const { info, options, placed } = input;
  const { kind, arrived, blocked } = target;
  const found: StartFacts = {
    target: kind,
    blocked: blocked !== undefined,
    begun,
    placed: placed !== undefined,
    reuse: options.reuse,
    nothingWanted: !wantsAnyFile(info, options),
  };
  switch (firstStep(found)) {
    case 'finished':
      return finished(input);
    case 'blocked':
      throw targetBlocked(info, blocked ?? options.output);
    case 'occupied':
      throw targetOccupied(info, options);
    case 'read-target':
      return useTarget(env, input, found, await readTarget(env, input, target));
    case 'read-arrived':
      return useTarget(env, input, found, await readArrived(env, input, arrived, newLedger(input).present));
    case 'go-on':
      return goOn(env, input, () => {});
    case 'go-on-then-read-arrived':
      return goOn(env, input, async (ledger) => {
        ledger.addPlaced(rightOf(await readArrived(env, input, arrived, ledger.present)));
      });
  }
}

/** Goes on from what was read at the target. */
async function useTarget(
  env: DownloadEnv,
  input: PrepareInput,
  found: StartFacts,
  read: TargetRead & { readonly newest?: FileTimes },
): Promise<Prepared> {
  const { info, options } = input;
  switch (useOfTarget(found, read.verdict)) {
    case 'occupied':
      throw targetOccupied(info, options);
    case 'finished': {
      const left = await input.clearLeft();
      const { newest = await timesAtTarget(env, input) } = read;
      // Removing the working folder took the files' second names, which changed their times; when they were written is known from
      // before.
      const { changed } = left ? await timesAtTarget(env, input) : newest;
      return { ...finished(input), times: { modified: newest.modified, changed } };
    }
    case 'leave-there':
      // Only the rest is fetched, and assembly compares it with the files that are there.
      return goOn(env, input, (ledger) => ledger.addPlaced(rightOf(read)));
    case 'resize':
      if (!(await fit(env, input))) break;
      await input.clearLeft();
      return { ...finished(input), times: await timesAtTarget(env, input) };
    case 'import':
      break;
  }
  return goOn(env, input, (ledger) => importRight(env, input, ledger, read));
}

/** Goes on with the working folder, which is made where there is none; `more` adds what is at the target. */
async function goOn(
  env: DownloadEnv,
  input: PrepareInput,
  more: (ledger: PieceLedger) => Promise<void> | void,
): Promise<Prepared> {
  const { info, options, workFolder, placed } = input;
  await input.lock();
  await input.clearStaging();
  await claimFolder(env.ports.disk, workFolder, info.infoHash, options, input.torrentFile);
  const ledger = newLedger(input);
  const { begun } = await takeFolder(env, input, ledger);
  await more(ledger);
  await takeOthers(env, input, ledger);
  return { ledger, begun, result: undefined, placed };
}

/** The result where everything is in its place. */
function finished(input: LookInput): Prepared {
  const ledger = newLedger(input);
  const servable = servablePieces(input);
  if (servable.isFull && input.owners === undefined) ledger.addAll();
  else {
    for (const p of servable.indexes()) {
      ledger.add(piece(p), input.owners?.[p] ?? UNKNOWN_OWNER);
      ledger.synced.add(p);
    }
  }
  // The other pieces cannot be uploaded, and need not be fetched.
  if (!ledger.present.isFull) ledger.addPlaced(wantedPieces(input).indexes());
  const result = wantedPaths(input.info, input.options);
  return { ledger, begun: new Map(), result, placed: result };
}

function newLedger({ info, geometry, options }: LookInput): PieceLedger {
  return new PieceLedger(geometry, piecePriorities(info, geometry, options));
}

function rightOf({ right }: TargetRead): number[] {
  return [...right.keys()].filter((p) => right[p] === 1);
}

/** Gives files whose pieces are right their proper lengths; resolves to whether that was possible in place. */
function fit({ ports }: DownloadEnv, { info, options }: LookInput): Promise<boolean> {
  const wanted = wantedFiles(info, options.filePriorities);
  const files = [...wanted.keys()].filter((file) => wanted[file] === 1);
  return fitTargets(ports.disk, options.output, info, files);
}

/** Copies the right pieces of the target that the working folder lacks into it. */
async function importRight(
  env: DownloadEnv,
  input: PrepareInput,
  ledger: PieceLedger,
  read: TargetRead,
): Promise<void> {
  const { info, geometry, options, signal } = input;
  const owner = identityIndex(0);
  const from = locationOf(input, owner, true);
  const to = locationOf(input, owner, false);
  const pieces = rightOf(read).filter((p) => !ledger.present.has(p));
  const what = { info, geometry, from, to, count: options.identities, pieces, signal };
  await input.away(() =>
    importPieces(env.ports, what, (p) => {
      ledger.add(p, owner);
      input.progress(ledger.present.count / info.pieceCount);
    }),
  );
}
