import type { DownloadOptions, DownloadState } from '../engine/engine.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { DownloadEnv } from './download-env.ts';
import { wantedFiles } from './file-choice.ts';
import type { PieceLedger } from './piece-ledger.ts';
import type { Run } from './run.ts';
import { inspectTarget, targetPath, wantedPaths } from './target.ts';

/** A download, as far as the choice of its files concerns it. */
interface Choosing {
  readonly options: DownloadOptions;
  readonly ledger: PieceLedger | undefined;
  readonly run: Run | undefined;
  readonly state: DownloadState;
  /** Paths of the files, where they bear their final names. */
  result: readonly string[] | undefined;
  /** Those that do, with or without the others; undefined: none ever did. */
  placed: readonly string[] | undefined;
  readonly env: Pick<DownloadEnv, 'ports'>;
  enter(state: DownloadState): void;
  anew(): Promise<void>;
  inTurn(flow: () => Promise<void>): void;
}

/**
 * The files are chosen otherwise. Of what is assembled, files that are not wanted any more stay where they are and are no
 * part of the download; where others are wanted now, it is begun anew.
 */
export function choiceChanged(
  download: Choosing,
  info: Info,
  priorities: Uint8Array,
  before: readonly number[] | undefined,
): void {
  const { ledger, result, placed, state, options } = download;
  ledger?.setPriorities(priorities);
  if (result === undefined && placed === undefined && state !== 'assembling' && state !== 'checking') goOn(download);
  // In turn: what goes on now decides what is there.
  else download.inTurn(() => compare(download, info, hasMoved(info, before, options.filePriorities)));
}

/** Whether other files are wanted, not the same ones sooner or later. */
function hasMoved(info: Info, before: readonly number[] | undefined, now: readonly number[] | undefined): boolean {
  const wanted = wantedFiles(info, now);
  return wantedFiles(info, before).some((one, file) => one !== wanted[file]);
}

async function compare(download: Choosing, info: Info, moved: boolean): Promise<void> {
  const { env, options, result, placed: before } = download;
  const wanted = new Set(wantedPaths(info, options));
  const placed = before?.filter((path) => wanted.has(path)) ?? [];
  const isLess = placed.length < (before?.length ?? 0);
  if (before !== undefined) download.placed = placed;
  if (result !== undefined) {
    download.result = placed;
    // Until something is wanted again there is nothing to look at.
    if (wanted.size > 0 && (isLess || placed.length < wanted.size || download.state === 'failed'))
      await download.anew();
  } else if (before !== undefined && (isLess || (moved && (await hasMore(env, info, options, new Set(placed)))))) {
    await download.anew();
  } else goOn(download);
}

/** Whether all that is wanted is there, or a wanted file that is not known to be ours. */
async function hasMore(
  { ports }: Choosing['env'],
  info: Info,
  options: DownloadOptions,
  placed: ReadonlySet<string>,
): Promise<boolean> {
  const { kind, arrived } = await inspectTarget(ports.disk, info, options);
  return (
    kind === 'whole' || arrived.some((one, file) => one === 1 && !placed.has(targetPath(info, options.output, file)))
  );
}

function goOn(download: Choosing): void {
  const { ledger, run, state } = download;
  if (ledger === undefined) return;
  if (!ledger.complete && state === 'complete') download.enter('downloading');
  run?.choiceChanged();
}
