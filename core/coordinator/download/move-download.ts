import { type MoveInput, MovePlaces } from '../../assembly/move-place.ts';
import { giveNewNames } from '../../assembly/new-names.ts';
import { EnsembleError, failureOf } from '../../base/errors.ts';
import { identityIndex } from '../../base/ids.ts';
import type { StopSignal } from '../../base/stopper.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import { toldOf } from '../../metainfo/known-info.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { type Disk, diskCode } from '../../ports/disk.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import { folderBegun } from '../folder/folder-claim.ts';
import { inspectTarget, targetBlocked, targetOccupied, targetPath } from '../folder/target.ts';
import { doubt, loadProgress } from '../folder/work-folder.ts';
import { locationOf } from '../run/run-plan.ts';
import { changedInFolder } from './changed-files.ts';
import type { FlowContext } from './flow-context.ts';
import { areUnchanged, timesAfter } from './placed-times.ts';
import type { MoveEnd, Relocation } from './relocation.ts';

/** A download that is moved. */
export interface Mover extends FlowContext {
  readonly relocation: Relocation;
}

/** Where a download is after its move. */
export interface MovedFiles {
  readonly result?: readonly string[] | undefined;
  readonly placed?: readonly string[] | undefined;
  readonly times?: FileTimes | undefined;
}

/**
 * Moves a download to another folder, or goes on with a move that was begun. Its end is for whoever keeps the list: a `Download` knows the
 * place that it was made for alone.
 */
export function beginMove(download: Mover, output?: string): Promise<MoveEnd> {
  download.work.stop();
  const run = (): Promise<MoveEnd> =>
    new Promise((resolve) => download.inTurn(async () => resolve(await moveDownload(download))));
  return download.relocation.begin(output, run);
}

export function cancelMove({ relocation, work }: Pick<Mover, 'relocation' | 'work'>): void {
  if (relocation.cancel()) work.stop();
}

/**
 * Moves a download step by step, each of which is recorded before it begins, so that a kill costs nothing but time. Nothing of it runs
 * meanwhile. An error before anything has its new name leaves everything as it was. Never rejects.
 */
async function moveDownload(download: Mover): Promise<MoveEnd> {
  const { relocation, crew, env } = download;
  // Between names that were given in an earlier life and those of now nobody can tell what to take back.
  const fresh = relocation.record?.step === 'bring';
  let signal: StopSignal | undefined;
  try {
    download.apply('move');
    signal = download.work.begin();
    // It was cancelled before there was anything to stop.
    if (relocation.cancelled || relocation.left) download.work.stop();
    await env.keep();
    await crew.leave();
    await steps(download, signal);
    return 'arrived';
  } catch (error) {
    relocation.error = error;
    if (relocation.left) return 'stuck';
    const step = relocation.record?.step;
    const mayGoBack = step === 'bring' || (step === 'name' && fresh);
    if (mayGoBack && (await takeBack(download))) return 'back';
    const { code, message } = failureOf(error);
    download.fail(code, message);
    return 'stuck';
  } finally {
    download.work.end(signal);
  }
}

/** Removes what was brought over; false: that cannot be done now. */
export async function takeBack(download: Mover): Promise<boolean> {
  const { relocation, torrent } = download;
  const { record } = relocation;
  try {
    if (record !== undefined && torrent.info !== undefined) {
      const { disk, input } = await planMove(download, torrent.info, record.to);
      await new MovePlaces(disk, input).takeBack();
    }
    relocation.drop();
    return true;
  } catch (error) {
    download.warn(`What was brought to ${record?.to} could not be removed: ${failureOf(error).message}`);
    return false;
  }
}

async function steps(download: Mover, signal: StopSignal): Promise<void> {
  const { torrent, folders, copy, relocation, env } = download;
  const { info, geometry } = torrent;
  const { record } = relocation;
  if (info === undefined || geometry === undefined || record === undefined) return;
  await folders.locate();
  await folders.expectSame();
  // As at any other start: what a crash brought back, or kept, of a working folder is of no use any more.
  if (download.files.result !== undefined) await copy.clearLeft();
  const plan = await planMove(download, info, record.to);
  const { disk, input } = plan;
  if (await folderBegun(env.ports.disk, folders.work, torrent.infoHash)) await copy.lock();
  if (record.trusted === undefined) {
    const trusted = await lookForChanges(download, info, geometry, input);
    relocation.note({ trusted, work: input.work !== undefined });
  }
  for (let bring = record.step === 'bring'; record.step !== 'clear'; bring = true) {
    if (bring) {
      await toStep(download, 'bring');
      const there = { ...download.options, output: record.to };
      const { blocked, kind } = await inspectTarget(disk, info, there);
      if (blocked !== undefined) throw targetBlocked(info, blocked);
      // Where it has files, these find their names taken. Without any it would arrive, and could not begin there.
      const hasNothing = there.common === undefined && movesNothing(input);
      if ((kind === 'partly' || kind === 'other') && hasNothing) throw targetOccupied(info, there);
      await bringAll(download, info, input, signal);
    }
    if (signal.aborted) throw new EnsembleError('interrupted', `The move of ${torrent.name} was cancelled.`);
    await toStep(download, 'name');
    try {
      await giveNewNames(disk, input);
      break;
    } catch (error) {
      // What was kept on the other disk is gone: it is brought over again.
      if (bring || diskCode(error) !== 'EXDEV') throw error;
    }
  }
  const places = new MovePlaces(disk, input);
  const missing = await places.notThere();
  if (missing !== undefined) {
    throw new EnsembleError('disk', `"${missing}" is missing in the new place: attach its disk, and resume.`);
  }
  await toStep(download, 'clear');
  await places.removeOld();
  if (input.work !== undefined) await copy.leave();
  await env.keep();
}

/** Whether there is neither a working folder nor a finished file to move. */
function movesNothing({ work, placed }: MoveInput): boolean {
  return work === undefined && !placed.includes(1);
}

/** Recorded before it begins. */
async function toStep({ relocation, env }: Mover, step: 'bring' | 'name' | 'clear'): Promise<void> {
  relocation.note({ step });
  await env.keep();
}

async function bringAll(download: Mover, info: Info, input: MoveInput, signal: StopSignal): Promise<void> {
  if (signal.aborted) throw new EnsembleError('interrupted', `The move of ${info.name} was cancelled.`);
  const { location, to, work, placed } = input;
  if (movesNothing(input)) return;
  const job = {
    type: 'bring',
    version: MESSAGES_VERSION,
    ...toldOf(info),
    location,
    count: download.members.length,
    to,
    ...(work === undefined ? {} : { work }),
    placed,
  } as const;
  await download.env.jobs.run(job, (fraction) => download.work.progress(fraction), signal);
}

/** What there is to move. `disk`: confined to both places. */
async function planMove(
  { folders, torrent, options, files, env, relocation }: Mover,
  info: Info,
  to: string,
): Promise<{ readonly disk: Disk; readonly input: MoveInput }> {
  const { disk, chosen } = await folders.withOther(to);
  const { workFolder } = folders.place;
  const there = new Set(files.placed);
  // A common directory stays where it is: identities without a coordinator may be at work there.
  const begun = (): Promise<boolean> => folderBegun(env.ports.disk, workFolder, torrent.infoHash);
  const moves = options.common === undefined && (relocation.record?.work ?? (await begun()));
  const work = moves ? workFolder.slice(options.output.length + 1) : undefined;
  return {
    disk,
    input: {
      info,
      location: { ...locationOf({ options, workFolder, chosen }, identityIndex(0), false), chosen },
      to,
      work,
      placed: Uint8Array.from(info.files, (_, file) => (there.has(targetPath(info, options.output, file)) ? 1 : 0)),
    },
  };
}

/**
 * Afterwards times tell nothing of what other programs did before: what they changed is noted now, to be read again. Resolves to whether
 * the finished files are as we left them.
 */
async function lookForChanges(download: Mover, info: Info, geometry: Geometry, input: MoveInput): Promise<boolean> {
  const { env, options, files, folders } = download;
  const { disk } = env.ports;
  const warn = (text: string): void => download.warn(text);
  const watched = { info, geometry, options, ...folders.place, warn };
  if (input.work !== undefined) {
    const { workFolder } = watched;
    const { have, owners, clean } = await loadProgress(disk, workFolder, info);
    const changed = await changedInFolder(env.ports, watched, { have, owners, clean });
    if (changed.length > 0) await doubt(disk, workFolder, info, changed);
  }
  return areUnchanged(env.ports, { ...watched, placed: files.placed }, files.times);
}

/** The finished files as they are called in the new place, once all have arrived. */
export async function filesAfterMove(download: Mover): Promise<MovedFiles> {
  const { files, relocation, options, torrent, env, folders } = download;
  const { record } = relocation;
  const { info, geometry } = torrent;
  if (record === undefined || info === undefined || geometry === undefined || files.placed === undefined) return {};
  const moved = (paths: readonly string[]): string[] =>
    paths.map((path) => `${record.to}${path.slice(options.output.length)}`);
  const { disk, chosen } = await folders.withOther(record.to);
  const placed = moved(files.placed);
  const there = { ...folders.place, chosen, info, geometry, options: { ...options, output: record.to }, placed };
  const times = await timesAfter(
    { clock: env.ports.clock, disk },
    { ...there, warn: () => {} },
    record.trusted === true,
  );
  return { ...(files.result === undefined ? { placed } : { result: moved(files.result) }), times };
}
