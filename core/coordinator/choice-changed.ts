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
  enter(state: DownloadState): void;
  inTurn(flow: () => Promise<void>): void;
}

/**
 * The files are chosen otherwise. Of what is assembled, files that are not wanted any more stay where they are and are no
 * part of the download; where others are wanted now, it is begun `anew`.
 */
export function choiceChanged(download: Choosing, info: Info, priorities: Uint8Array, anew: () => Promise<void>): void {
  download.ledger?.setPriorities(priorities);
  if (download.result === undefined && download.state !== 'assembling') return goOn(download);
  // In turn: what goes on now decides what is there.
  download.inTurn(async () => {
    if (download.result === undefined) return goOn(download);
    const wanted = new Set(wantedPaths(info, download.options));
    download.result = download.result.filter((path) => wanted.has(path));
    if (download.result.length < wanted.size) await anew();
  });
}

function goOn(download: Choosing): void {
  const { ledger, run, state } = download;
  if (ledger === undefined) return;
  if (!ledger.complete && state === 'complete') download.enter('downloading');
  run?.choiceChanged();
}
