import { type ErrorCode, messageOf } from '../../base/errors.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { FlowContext } from './flow-context.ts';
import { FilesMissing, lookForMissing } from './missing-files.ts';
import type { PieceLedger } from './piece-ledger.ts';
import { type Prepared, prepareDownload, recordedProgress } from './prepare.ts';
import type { LookInput, PrepareInput } from './prepare-input.ts';

/** Finds out what is there of a download, or what is gone. Rejects as `prepareDownload` does. */
export async function checkDownload(
  download: FlowContext,
  info: Info,
  geometry: Geometry,
  how: Pick<PrepareInput, 'everything' | 'fetchMissing' | 'signal'>,
): Promise<Prepared | FilesMissing> {
  const { env, folders, copy, files, options, work } = download;
  work.progress(0);
  try {
    return await env.looks.run(async () => {
      await folders.locate();
      const { workFolder, chosen } = folders.place;
      // Each field by its name: what spreading puts together of so many V8 keeps as a dictionary of 8 KB.
      return prepareDownload(env, {
        info,
        geometry,
        options,
        workFolder,
        chosen,
        placed: files.placed,
        owners: files.owners,
        torrentFile: download.torrent.file ?? new Uint8Array(0),
        times: files.times,
        everything: how.everything,
        fetched: wasFetched(download),
        fetchMissing: how.fetchMissing,
        others: files.others && { paths: files.others, disk: folders.outside },
        lock: () => copy.lock(),
        clearLeft: () => copy.clearLeft(),
        clearStaging: () => copy.clearStaging(),
        progress: (fraction) => work.progress(fraction),
        warn: (text) => download.warn(text),
        away: (work) => env.looks.away(work),
        signal: how.signal,
      });
    });
  } catch (error) {
    if (error instanceof FilesMissing) return error;
    throw error;
  } finally {
    work.end(how.signal);
  }
}

/** Shows what the records say of a download that is paused or waits for its turn, or what is gone. */
export async function showHalted(download: FlowContext): Promise<void> {
  const { crew, halted, closed, torrent } = download;
  const { info, geometry } = torrent;
  if (!halted || closed || info === undefined || geometry === undefined || crew.plan !== undefined) return;
  if (await findGone(download)) return;
  download.crew.showRecorded(await recordedLedger(download, info, geometry));
  download.changed();
}

/** Something went wrong. If files cannot be read, written or kept locked, they may be gone. */
export function failedOrGone(download: FlowContext, code: ErrorCode, message: string): void {
  const seeds = code === 'disk' && download.files.result !== undefined;
  if (seeds) download.crew.run?.setPaused(true);
  else download.fail(code, message);
  if (code !== 'disk' && code !== 'in-use') return;
  download.inTurn(async () => {
    if (!(await findGone(download)) && seeds) download.fail(code, message);
  });
}

/** Looks whether files that were there are gone; if so, the download waits for the user. Never rejects where that cannot be found out. */
async function findGone(download: FlowContext): Promise<boolean> {
  const { env, torrent } = download;
  const { info, geometry } = torrent;
  if (info === undefined || geometry === undefined) return false;
  const expected = { ...lookInput(download, info, geometry), fetched: wasFetched(download) };
  const missing = await lookForMissing(env.ports.disk, expected).catch(() => undefined);
  if (missing !== undefined) await waitForFiles(download, missing);
  return missing !== undefined;
}

/** Does nothing until somebody puts the files back, or resumes the download; shows what is still there. */
export async function waitForFiles(download: FlowContext, { code, message }: FilesMissing): Promise<void> {
  const { info, geometry } = download.torrent;
  if (download.closed || info === undefined || geometry === undefined) return;
  await download.crew.leave();
  // A folder that is gone cannot be locked; the lock is taken again when it is put back.
  await download.copy.unlock();
  download.crew.dropPlan();
  download.files.gone();
  download.crew.showRecorded(await recordedLedger(download, info, geometry));
  download.fail(code, message, 'files-missing');
}

/** What its records say; undefined, with a warning, where they cannot be read. */
async function recordedLedger(download: FlowContext, info: Info, geometry: Geometry): Promise<PieceLedger | undefined> {
  try {
    await download.folders.locate();
    return await recordedProgress(download.env.ports.disk, lookInput(download, info, geometry));
  } catch (error) {
    download.warn(messageOf(error));
    return undefined;
  }
}

/** Whether something was there before: what another program fetched is looked for where it left that. */
function wasFetched({ stats, files }: FlowContext): boolean {
  return stats.fetched && files.others === undefined;
}

function lookInput({ options, folders, files }: FlowContext, info: Info, geometry: Geometry): LookInput {
  return { info, geometry, options, ...folders.place, placed: files.placed, owners: files.owners };
}
