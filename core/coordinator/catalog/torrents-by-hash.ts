import type { InfoHash, TorrentKey } from '../../base/ids.ts';
import { type Hashes, isSameTorrent, type TorrentId } from '../../metainfo/torrent-id.ts';

/** A download, by what is known of its torrent now: for a magnet link a second info-hash may become known. */
interface Named {
  readonly key: TorrentKey;
  readonly torrent: { readonly id: TorrentId; readonly info: object | undefined };
}

/** Finds the download of a torrent by any of its info-hashes, without a look at thousands of others. */
export class TorrentsByHash<T extends Named = Named> {
  /** Two hybrids may have one info-hash in common and the other not; of thousands of torrents hardly one has. */
  readonly #byHash = new Map<InfoHash, T | Set<T>>();
  /** Those of which not all info-hashes are known for certain when they come. */
  readonly #growing = new Set<T>();

  add(one: T): void {
    for (const hash of hashesOf(one)) {
      const same = this.#byHash.get(hash);
      if (same instanceof Set) same.add(one);
      else this.#byHash.set(hash, same === undefined || same === one ? one : new Set([same, one]));
    }
    if (one.torrent.info === undefined) this.#growing.add(one);
  }

  delete(one: T): void {
    for (const hash of hashesOf(one)) {
      const same = this.#byHash.get(hash);
      if (same === one || (same instanceof Set && same.delete(one) && same.size === 0)) this.#byHash.delete(hash);
    }
    this.#growing.delete(one);
  }

  find(hashes: Hashes): T | undefined {
    for (const some of [this.#of(hashes.v1), this.#of(hashes.v2), this.#growing]) {
      for (const one of some) if (isSameTorrent(one.torrent.id, hashes)) return one;
    }
    return undefined;
  }

  #of(hash: InfoHash | undefined): Iterable<T> {
    const known = hash === undefined ? undefined : this.#byHash.get(hash);
    if (known === undefined) return [];
    return known instanceof Set ? known : [known];
  }
}

function hashesOf({ torrent: { id } }: Named): InfoHash[] {
  return [id.v1, id.v2].filter((hash) => hash !== undefined);
}
