import type { NamedSources } from '../../metainfo/named-sources.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { checkDownload, waitForFiles } from './check-download.ts';
import type { Completion } from './completion.ts';
import { FilesMissing } from './missing-files.ts';
import type { Prepared } from './prepare.ts';
import { finishRenaming, type Renamer } from './rename-files.ts';
import { checkPrivate } from './private-choice.ts';

/** How a download begins: from its metadata, and what is there of it, to the identities at work. */
export class Beginning {
  readonly #download: Renamer;
  readonly #completion: Completion;
  /** Whether the checks that come before anything is written were passed. */
  #inspected = false;
  /** Whether the user wants missing files to be fetched again. */
  #fetchMissing = false;

  constructor(download: Renamer, completion: Completion) {
    this.#download = download;
    this.#completion = completion;
  }

  /** What was fetched and is not where it belongs is fetched again, without asking the user. */
  fetchMissing(wanted: boolean): void {
    this.#fetchMissing = wanted;
  }

  /** Learns what is known of the torrent without asking peers, and makes quick checks. */
  async open(): Promise<void> {
    const download = this.#download;
    const { torrent, folders } = download;
    const there = torrent.info ?? (await folders.torrentThere(torrent.infoHash));
    if (there === undefined) return;
    download.learn(there);
    await finishRenaming(download);
    await this.#inspect(torrent.info ?? there);
    if (download.state === 'metadata') download.apply('described');
  }

  async begin(): Promise<void> {
    const download = this.#download;
    const { torrent, crew } = download;
    // If it was paused only for a moment, an earlier flow may have come this far already.
    if (download.halted || crew.run !== undefined) return;
    if (torrent.info === undefined) {
      // One that failed, before the user resumed, still has its peers.
      await crew.stopMetadata();
      crew.fetchMetadata((info, named) => download.inTurn(() => this.#gotMetadata(info, named)));
      return;
    }
    if (!this.#inspected) await this.#inspect(torrent.info);
    await this.check(torrent.info, false);
  }

  async #gotMetadata(info: Info, named: NamedSources | undefined): Promise<void> {
    const download = this.#download;
    const { torrent, crew, env } = download;
    if (torrent.info !== undefined || download.closed || !crew.fetchesMetadata) return;
    await crew.stopMetadata();
    download.learn(info, named);
    await env.keep();
    // Whoever hears of this may choose files before the target is looked at.
    if (!download.halted) download.apply('described');
    await this.begin();
  }

  /** Checks what must be right before anything is written to disk. */
  async #inspect(info: Info): Promise<void> {
    const { torrent, options, files, folders, copy } = this.#download;
    checkPrivate(info, options);
    torrent.priorities(options);
    if (torrent.fixedKeep === undefined) torrent.keepNames(await folders.filesUnderOwnNames(info, files.placed));
    if (files.placed === undefined) await copy.open(torrent.info ?? info, options);
    this.#inspected = true;
  }

  /** Finds out what is there, and continues from there. */
  async check(info: Info, everything: boolean): Promise<void> {
    const download = this.#download;
    const { torrent } = download;
    const { geometry } = torrent;
    if (geometry === undefined) return;
    const signal = download.work.begin();
    // It was paused or closed before there was a job to stop.
    if (download.closed || download.state !== 'checking') download.work.stop();
    const fetchMissing = this.#fetchMissing;
    this.#fetchMissing = false;
    await finishRenaming(download);
    const found = await checkDownload(download, torrent.info ?? info, geometry, { everything, fetchMissing, signal });
    if (found instanceof FilesMissing) await waitForFiles(download, found);
    else await this.#go(info, found);
  }

  /** Starts the identities with what was found. */
  async #go(info: Info, prepared: Prepared): Promise<void> {
    const download = this.#download;
    if (download.closed) return;
    download.files.found(prepared);
    const run = await download.crew.gather(info, prepared);
    if (download.halted) return;
    if (download.files.result !== undefined) return this.#completion.seedByRule();
    await this.#completion.finish();
    if (download.closed || download.state !== 'checking') return;
    download.apply('incomplete');
    run.start();
  }
}
