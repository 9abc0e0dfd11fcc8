import type { DownloadOptions, DownloadState } from '../bridge/engine.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { PieceLedger } from './piece-ledger.ts';
import type { Run } from './run.ts';
import { wantedPaths } from './target.ts';

/** A download, as far as the choice of its files concerns it. */
interface Choosing {
  readonly options: DownloadOptions;
  readonly ledger: PieceLedger | undefined;
  readonly run: Run | undefined;
  readonly state: DownloadState;
  /** Paths of the files, where they bear their final names. */
  result: readonly string[] | undefined;
  /** Those that do, with or without the others. */
  placed: readonly string[];
  enter(state: DownloadState): void;
  inTurn(flow: () => Promise<void>): void;
}

/**
 * The files are chosen otherwise. Of what is assembled, files that are not wanted any more stay where they are and are no
 * part of the download; where others are wanted now, it is begun `anew`.
 */
export function choiceChanged(download: Choosing, info: Info, priorities: Uint8Array, anew: () => Promise<void>): void {
  const { ledger, result, placed, state } = download;
  ledger?.setPriorities(priorities);
  if (result === undefined && placed.length === 0 && state !== 'assembling' && state !== 'checking') goOn(download);
  // In turn: what goes on now decides what is there.
  else download.inTurn(() => compare(download, info, anew));
}

async function compare(download: Choosing, info: Info, anew: () => Promise<void>): Promise<void> {
  const wanted = new Set(wantedPaths(info, download.options));
  const isAssembled = download.result !== undefined;
  const placed = download.placed.filter((path) => wanted.has(path));
  const isLess = placed.length < download.placed.length;
  const isAll = placed.length === wanted.size;
  download.placed = placed;
  if (isAssembled) download.result = placed;
  // Until something is wanted again there is nothing to look at.
  if (isAssembled && wanted.size === 0) return;
  const isNew = isAssembled ? !isAll || download.state === 'failed' : isAll && placed.length > 0;
  if (isLess || isNew) await anew();
  else if (!isAssembled) goOn(download);
}

function goOn(download: Choosing): void {
  const { ledger, run, state } = download;
  if (ledger === undefined) return;
  if (!ledger.complete && state === 'complete') download.enter('downloading');
  run?.choiceChanged();
}
