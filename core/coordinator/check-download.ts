import { messageOf } from '../base/errors.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { FileTimes } from '../store/foreign-changes.ts';
import type { DownloadEnv } from './download-env.ts';
import type { PieceLedger } from './piece-ledger.ts';
import { type LookInput, type Prepared, prepareDownload, recordedProgress } from './prepare.ts';
import type { WorkingCopy } from './working-copy.ts';

/** A download, as far as what lies on disk concerns it. */
interface Checking {
  readonly env: DownloadEnv;
  readonly options: DownloadOptions;
  readonly copy: WorkingCopy;
  readonly torrentFile: Uint8Array | undefined;
  readonly placed: readonly string[] | undefined;
  readonly times: FileTimes | undefined;
  work: number | undefined;
  warn(message: string): void;
}

/** What is there of a download; `everything`: each piece is read, whatever is known of it. */
export async function checkDownload(
  download: Checking,
  info: Info,
  geometry: Geometry,
  everything: boolean,
  signal: AbortSignal,
): Promise<Prepared> {
  const { env, copy, times } = download;
  download.work = 0;
  try {
    return await prepareDownload(env, {
      ...lookInput(download, info, geometry),
      torrentFile: download.torrentFile ?? new Uint8Array(0),
      times,
      everything,
      lock: () => copy.lock(),
      clearLeft: () => copy.clearLeft(),
      progress: (fraction) => (download.work = fraction),
      warn: (text) => download.warn(text),
      signal,
    });
  } finally {
    download.work = undefined;
  }
}

/** What its records say, for one that is only shown; undefined where they cannot be read, which is said. */
export async function recordedLedger(
  download: Checking,
  info: Info,
  geometry: Geometry,
): Promise<PieceLedger | undefined> {
  try {
    return await recordedProgress(download.env.ports.disk, lookInput(download, info, geometry));
  } catch (error) {
    download.warn(messageOf(error));
    return undefined;
  }
}

function lookInput({ options, copy, placed }: Checking, info: Info, geometry: Geometry): LookInput {
  return { info, geometry, options, workFolder: copy.folder, placed };
}
