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
  readonly result: readonly string[] | undefined;
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
  download.placed = download.placed.filter((path) => wanted.has(path));
  const { result, placed } = download;
  const isThere = placed.length === wanted.size;
  if (result === undefined) {
    if (isThere && placed.length > 0) await anew();
    else goOn(download);
  } else if (!isThere || result.length !== wanted.size) await anew();
}

function goOn(download: Choosing): void {
  const { ledger, run, state } = download;
  if (ledger === undefined) return;
  if (!ledger.complete && state === 'complete') download.enter('downloading');
  run?.choiceChanged();
}
