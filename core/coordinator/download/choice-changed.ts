import type { DownloadChanges, DownloadOptions } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { DownloadEnv } from '../download-env.ts';
import { inspectTarget, targetPath, wantedPaths } from '../folder/target.ts';
import { wantedFiles } from './file-choice.ts';
import type { FlowContext } from './flow-context.ts';
import { alsoWanted, type Origin } from './source.ts';

/**
 * The choice of files changed. Assembled files that are not wanted any more stay where they are, and are no longer part of the
 * download; where others are wanted now, it is begun anew.
 */
export function choiceChanged(
  download: FlowContext,
  priorities: Uint8Array | undefined,
  before: readonly number[] | undefined,
): void {
  const { crew, files, state, options, torrent } = download;
  const { info } = torrent;
  if (info === undefined) return;
  crew.ledger?.setPriorities(priorities);
  if (files.placed === undefined && state !== 'assembling' && state !== 'checking') goOn(download);
  // In turn, as the current step decides what is there.
  else download.inTurn(() => compare(download, info, hasMoved(info, before, options.filePriorities)));
}

/** Whether other files are wanted, rather than the same ones in another order. */
function hasMoved(info: Info, before: readonly number[] | undefined, now: readonly number[] | undefined): boolean {
  const wanted = wantedFiles(info, now);
  return wantedFiles(info, before).some((one, file) => one !== wanted[file]);
}

/**
 * Wants the files, too, that a further link of this torrent names (BEP 53). False: it names none that are not wanted. Throws
 * EnsembleError('usage') where the torrent has none of them.
 */
export function wantAlso(
  download: FlowContext & { change(changes: DownloadChanges): void },
  { only }: Pick<Origin, 'only'>,
): boolean {
  const { torrent, options, env } = download;
  if (only === undefined) return false;
  if (torrent.info === undefined) {
    const wants = options.filePriorities === undefined && torrent.wantAlso(only);
    if (wants) env.keepSoon();
    return wants;
  }
  const filePriorities = alsoWanted(options, { only }, torrent.info);
  if (filePriorities !== undefined) download.change({ filePriorities });
  return filePriorities !== undefined;
}

async function compare(download: FlowContext, info: Info, moved: boolean): Promise<void> {
  const { env, options, files } = download;
  const wanted = new Set(wantedPaths(info, options));
  const isLess = files.retain(wanted);
  const { result, placed } = files;
  if (result !== undefined) {
    // Without any wanted file there is nothing to look at.
    if (wanted.size > 0 && (isLess || result.length < wanted.size || download.state === 'failed'))
      await download.anew();
  } else if (placed !== undefined && (isLess || (moved && (await hasMore(env, info, options, new Set(placed)))))) {
    await download.anew();
  } else goOn(download);
}

/** Whether everything wanted is there, or a wanted file that is not known to be ours. */
async function hasMore(
  { ports }: DownloadEnv,
  info: Info,
  options: DownloadOptions,
  placed: ReadonlySet<string>,
): Promise<boolean> {
  const { kind, arrived } = await inspectTarget(ports.disk, info, options);
  return (
    kind === 'whole' || arrived.some((one, file) => one === 1 && !placed.has(targetPath(info, options.output, file)))
  );
}

function goOn(download: FlowContext): void {
  const { crew, state } = download;
  const { ledger, run } = crew;
  if (ledger === undefined) return;
  if (!ledger.complete && state === 'complete') download.apply('more-wanted');
  run?.choiceChanged();
}
