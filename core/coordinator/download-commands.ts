import type { Endpoint } from '../base/endpoint.ts';
import type { TorrentKey } from '../base/ids.ts';
import { foundBy } from '../base/peer-source.ts';
import type { Download } from './download/download.ts';
import { cancelMove } from './download/move-download.ts';
import { DownloadViews } from './download-views.ts';

/** What front ends have one download do, as far as that concerns nothing but the download; the rest is the coordinator's. */
export abstract class DownloadCommands extends DownloadViews {
  /** Runs after the commands on this download so far. Rejects where there is none, or the program ends. */
  protected abstract command<T>(key: TorrentKey, command: (download: Download) => T | Promise<T>): Promise<T>;

  /** For what need not wait for other commands. Throws EnsembleError('usage') where there is none. */
  protected abstract get(key: TorrentKey): Download;

  pause(key: TorrentKey): Promise<void> {
    return this.command(key, (download) => download.pause());
  }

  cancelMove(key: TorrentKey): void {
    cancelMove(this.get(key));
  }

  async assemble(key: TorrentKey): Promise<readonly string[]> {
    const { files } = await this.command(key, (download) => ({ files: download.assemble() }));
    return files;
  }

  cancelAssembly(key: TorrentKey): void {
    this.get(key).cancelAssembly();
  }

  /** Its turn ends when it has begun, so that later commands may stop it. The same holds for an assembly. */
  async recheck(key: TorrentKey): Promise<void> {
    const { done } = await this.command(key, (download) => ({ done: download.recheck() }));
    await done;
  }

  setTrackers(key: TorrentKey, tiers: readonly (readonly string[])[]): Promise<void> {
    return this.command(key, (download) => download.setTrackers(tiers));
  }

  announce(key: TorrentKey): void {
    this.get(key).crew.atWork?.team.broadcast({ type: 'announce', key });
  }

  addPeers(key: TorrentKey, peers: readonly Endpoint[]): void {
    this.get(key).crew.atWork?.dealer.found(foundBy('user', peers));
  }
}
