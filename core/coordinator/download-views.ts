import type { PieceIndex, TorrentKey } from '../base/ids.ts';
import type { Content } from '../engine/content.ts';
import type {
  FileSnapshot,
  Links,
  PeerSnapshot,
  PieceMapSnapshot,
  SourceSnapshot,
  TrackerSnapshot,
} from '../engine/engine.ts';
import { formatMagnet } from '../metainfo/magnet.ts';
import type { Clock } from '../ports/clock.ts';
import type { Download } from './download/download.ts';
import {
  fileSnapshots,
  peerSnapshots,
  pieceMapSnapshot,
  sourceSnapshots,
  trackerSnapshots,
} from './download/snapshot.ts';

/** What front ends see of the parts of a download. */
export class DownloadViews {
  readonly #downloads: ReadonlyMap<TorrentKey, Download>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(downloads: ReadonlyMap<TorrentKey, Download>, clock: Pick<Clock, 'now'>) {
    this.#downloads = downloads;
    this.#clock = clock;
  }

  pieceMap(key: TorrentKey): PieceMapSnapshot | undefined {
    return this.see(key, pieceMapSnapshot);
  }

  pieceSource(key: TorrentKey, index: PieceIndex): readonly string[] {
    return this.see(key, ({ crew }) => crew.run?.sources.of(index)) ?? [];
  }

  files(key: TorrentKey): readonly FileSnapshot[] {
    return this.see(key, fileSnapshots) ?? [];
  }

  content(key: TorrentKey): Content | undefined {
    return this.see(key, ({ reading }) => reading.content);
  }

  trackers(key: TorrentKey): readonly TrackerSnapshot[] {
    return this.see(key, (download) => trackerSnapshots(download, this.#clock.now())) ?? [];
  }

  sources(key: TorrentKey): readonly SourceSnapshot[] {
    return this.see(key, (download) => sourceSnapshots(download, this.#clock.now())) ?? [];
  }

  peers(key: TorrentKey): readonly PeerSnapshot[] {
    return this.see(key, peerSnapshots) ?? [];
  }

  links(key: TorrentKey): Links | undefined {
    return this.see(key, ({ torrent }) => {
      const { trackers, webSeeds = [] } = torrent.origin;
      return { trackers, magnet: formatMagnet({ info: { id: torrent.id, name: torrent.name }, trackers, webSeeds }) };
    });
  }

  torrentFile(key: TorrentKey): Uint8Array | undefined {
    return this.see(key, ({ torrent }) => torrent.exported);
  }

  /** Undefined where there is no such download. */
  protected see<T>(key: TorrentKey, view: (download: Download) => T): T | undefined {
    const download = this.#downloads.get(key);
    return download && view(download);
  }
}
