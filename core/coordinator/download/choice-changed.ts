import type { DownloadChanges, DownloadOptions, DownloadState } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { DownloadEnv } from '../download-env.ts';
import { type Completing, seedByRule } from './completion.ts';
import { piecePriorities, wantedFiles } from './file-choice.ts';
import type { PieceLedger } from './piece-ledger.ts';
import type { Run } from '../run/run.ts';
import { inspectTarget, targetPath, wantedPaths } from '../folder/target.ts';

/** What a change of options needs of a download. */
interface Changing extends Choosing, Completing {
  options: DownloadOptions;
  readonly info: Info | undefined;
}

/** What a change of the chosen files needs of a download. */
interface Choosing {
  readonly options: DownloadOptions;
  readonly ledger: PieceLedger | undefined;
  readonly run: Run | undefined;
  readonly state: DownloadState;
  /** Paths of all wanted files, if they have their final names. */
  result: readonly string[] | undefined;
  /** Paths of the files that have their final names; undefined: none ever had. */
  placed: readonly string[] | undefined;
  readonly env: DownloadEnv;
  enter(state: DownloadState): void;
  anew(): Promise<void>;
  inTurn(flow: () => Promise<void>): void;
}

/** Changes options. Throws EnsembleError('usage') for an impossible choice, before anything has changed. */
export function changeOptions(download: Changing, changes: DownloadChanges): void {
  const { info, geometry, options: before, plan, run } = download;
  const chosen = changes.filePriorities;
  const priorities = chosen && info && geometry && piecePriorities(info, geometry, chosen);
  download.options = { ...before, ...changes };
  if (plan !== undefined) plan.options = download.options;
  for (const member of download.members) run?.retune(member);
  if (info !== undefined && priorities !== undefined) choiceChanged(download, info, priorities, before.filePriorities);
  if (changes.seed !== undefined) download.inTurn(() => seedByRule(download));
}

/**
 * The choice of files changed. Assembled files that are not wanted any more stay where they are, and are no longer part of the
 * download; where others are wanted now, it is begun anew.
 */
function choiceChanged(
  download: Choosing,
  info: Info,
  priorities: Uint8Array,
  before: readonly number[] | undefined,
): void {
  const { ledger, result, placed, state, options } = download;
  ledger?.setPriorities(priorities);
  if (result === undefined && placed === undefined && state !== 'assembling' && state !== 'checking') goOn(download);
  // In turn, as the current step decides what is there.
  else download.inTurn(() => compare(download, info, hasMoved(info, before, options.filePriorities)));
}

/** Whether other files are wanted, rather than the same ones in another order. */
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
    // Without any wanted file there is nothing to look at.
    if (wanted.size > 0 && (isLess || placed.length < wanted.size || download.state === 'failed'))
      await download.anew();
  } else if (before !== undefined && (isLess || (moved && (await hasMore(env, info, options, new Set(placed)))))) {
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

function goOn(download: Choosing): void {
  const { ledger, run, state } = download;
  if (ledger === undefined) return;
  if (!ledger.complete && state === 'complete') download.enter('downloading');
  run?.choiceChanged();
}
