import { TorrentsByHash } from '../coordinator/catalog/torrents-by-hash.ts';
import { type Hashes, torrentId } from '../metainfo/torrent-id.ts';

/** Torrents that are in the list, by any of their info-hashes: what is taken over is compared with them. */
export class KnownTorrents {
  readonly #all = new TorrentsByHash();

  note(hashes: Hashes): void {
    const id = torrentId(hashes);
    // Nothing more becomes known of it meanwhile.
    this.#all.add({ key: id.key, torrent: { id, info: {} } });
  }

  has(hashes: Hashes): boolean {
    return this.#all.find(hashes) !== undefined;
  }
}
