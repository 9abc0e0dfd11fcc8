import type { InfoHash, TorrentKey } from '../../base/ids.ts';
import { isSameTorrent, type TorrentId } from '../../metainfo/torrent-id.ts';

/** A download, by what is known of its torrent now: for a magnet link a second info-hash may become known. */
interface Named {
  readonly key: TorrentKey;
  readonly torrent: { readonly id: TorrentId; readonly info: object | undefined };
}

/** Finds the download of a torrent by any of its info-hashes, without a look at thousands of others. */
export class TorrentsByHash<T extends Named> {
  readonly #byHash = new Map<InfoHash, T>();
  /** Those of which not all info-hashes are known for certain when they come. */
  readonly #growing = new Set<T>();

  add(one: T): void {
    for (const hash of hashesOf(one)) this.#byHash.set(hash, one);
    if (one.torrent.info === undefined) this.#growing.add(one);
  }

  delete(one: T): void {
    for (const hash of hashesOf(one)) if (this.#byHash.get(hash) === one) this.#byHash.delete(hash);
    this.#growing.delete(one);
  }

  find(id: TorrentId): T | undefined {
    for (const hash of [id.v1, id.v2]) {
      const one = hash && this.#byHash.get(hash);
      if (one !== undefined && isSameTorrent(one.torrent.id, id)) return one;
    }
    for (const one of this.#growing) if (isSameTorrent(one.torrent.id, id)) return one;
    return undefined;
  }
}

function hashesOf({ torrent: { id } }: Named): InfoHash[] {
  return [id.v1, id.v2].filter((hash) => hash !== undefined);
}
