import { type ErrorCode, messageOf } from '../../base/errors.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { Figures } from './figures.ts';
import { FilesMissing, lookForMissing } from './missing-files.ts';
import type { PieceLedger } from './piece-ledger.ts';
import { type LookInput, type Prepared, type PrepareInput, prepareDownload, recordedProgress } from './prepare.ts';
import type { Run } from '../run/run.ts';
import type { RunPlan } from '../run/run-plan.ts';
import type { WorkingCopy } from '../folder/working-copy.ts';

/** What checking needs of a download. */
interface Checking {
  readonly env: DownloadEnv;
  readonly options: DownloadOptions;
  readonly copy: WorkingCopy;
  readonly torrentFile: Uint8Array | undefined;
  readonly placed: readonly string[] | undefined;
  readonly times: FileTimes | undefined;
  readonly figures: Pick<Figures, 'fetched'>;
  work: number | undefined;
  warn(message: string): void;
}

/** What is needed of a download that does nothing for now. */
interface Shown extends Checking {
  readonly info: Info | undefined;
  readonly geometry: Geometry | undefined;
  readonly paused: boolean;
  /** It is about to be removed. */
  readonly closed: boolean;
  plan: RunPlan | undefined;
  result: readonly string[] | undefined;
  recorded: PieceLedger | undefined;
  pausedBefore: boolean;
  endRun(): Promise<void>;
  fail(code: ErrorCode, message: string, state?: 'missing-files'): void;
  changed(): void;
}

interface Failing extends Shown {
  readonly run: Pick<Run, 'setPaused'> | undefined;
  inTurn(flow: () => Promise<void>): void;
}

/** Finds out what is there of a download, or what is gone. Rejects as `prepareDownload` does. */
export async function checkDownload(
  download: Checking,
  info: Info,
  geometry: Geometry,
  how: Pick<PrepareInput, 'everything' | 'fetchMissing' | 'signal'>,
): Promise<Prepared | FilesMissing> {
  const { env, copy, times } = download;
  download.work = 0;
  try {
    await copy.locate();
    return await prepareDownload(env, {
      ...lookInput(download, info, geometry),
      torrentFile: download.torrentFile ?? new Uint8Array(0),
      times,
      fetched: download.figures.fetched,
      lock: () => copy.lock(),
      clearLeft: () => copy.clearLeft(),
      clearStaging: () => copy.clearStaging(),
      progress: (fraction) => (download.work = fraction),
      warn: (text) => download.warn(text),
      ...how,
    });
  } catch (error) {
    if (error instanceof FilesMissing) return error;
    throw error;
  } finally {
    download.work = undefined;
  }
}

/** Shows what the records of a paused download say, or what is gone. */
export async function showPaused(download: Shown): Promise<void> {
  const { info, geometry, plan, paused } = download;
  if (!paused || info === undefined || geometry === undefined || plan !== undefined) return;
  if (await findGone(download)) return;
  download.recorded = await recordedLedger(download, info, geometry);
  download.changed();
}

/** Something went wrong. If files cannot be read, written or kept locked, they may be gone. */
export function failedOrGone(download: Failing, code: ErrorCode, message: string): void {
  const seeds = code === 'disk' && download.result !== undefined;
  if (seeds) download.run?.setPaused(true);
  else download.fail(code, message);
  if (code !== 'disk' && code !== 'in-use') return;
  download.inTurn(async () => {
    if (!(await findGone(download)) && seeds) download.fail(code, message);
  });
}

/** Looks whether files that were there are gone; if so, the download waits for the user. Never rejects where that cannot be found out. */
async function findGone(download: Shown): Promise<boolean> {
  const { info, geometry, env, figures } = download;
  if (info === undefined || geometry === undefined) return false;
  const expected = { ...lookInput(download, info, geometry), fetched: figures.fetched };
  const missing = await lookForMissing(env.ports.disk, expected).catch(() => undefined);
  if (missing !== undefined) await waitForFiles(download, missing);
  return missing !== undefined;
}

/** Does nothing until somebody puts the files back, or resumes the download; shows what is still there. */
export async function waitForFiles(download: Shown, { code, message }: FilesMissing): Promise<void> {
  const { info, geometry } = download;
  if (download.closed || info === undefined || geometry === undefined) return;
  download.pausedBefore = download.paused;
  await download.endRun();
  // A folder that is gone cannot be locked; the lock is taken again when it is put back.
  await download.copy.unlock();
  download.plan = undefined;
  download.result = undefined;
  download.recorded = await recordedLedger(download, info, geometry);
  download.fail(code, message, 'missing-files');
}

/** What its records say; undefined, with a warning, where they cannot be read. */
async function recordedLedger(download: Checking, info: Info, geometry: Geometry): Promise<PieceLedger | undefined> {
  try {
    await download.copy.locate();
    return await recordedProgress(download.env.ports.disk, lookInput(download, info, geometry));
  } catch (error) {
    download.warn(messageOf(error));
    return undefined;
  }
}

function lookInput({ options, copy, placed }: Checking, info: Info, geometry: Geometry): LookInput {
  return { info, geometry, options, ...copy.place, placed };
}
