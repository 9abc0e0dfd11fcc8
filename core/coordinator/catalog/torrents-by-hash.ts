import type { InfoHash, TorrentKey } from '../../base/ids.ts';
import { type Hashes, isSameTorrent, type TorrentId } from '../../metainfo/torrent-id.ts';

/** A download, by what is known of its torrent now: for a magnet link a second info-hash may become known. */
interface Named {
  readonly key: TorrentKey;
  readonly torrent: { readonly id: TorrentId; readonly info: object | undefined };
}

/** Finds the download of a torrent by any of its info-hashes, without a look at thousands of others. */
export class TorrentsByHash<T extends Named = Named> {
  /** Two hybrids may have one info-hash in common and the other not. */
  readonly #byHash = new Map<InfoHash, Set<T>>();
  /** Those of which not all info-hashes are known for certain when they come. */
  readonly #growing = new Set<T>();

  add(one: T): void {
    for (const hash of hashesOf(one)) {
      const same = this.#byHash.get(hash);
      if (same === undefined) this.#byHash.set(hash, new Set([one]));
      else same.add(one);
    }
    if (one.torrent.info === undefined) this.#growing.add(one);
  }

  delete(one: T): void {
    for (const hash of hashesOf(one)) {
      const same = this.#byHash.get(hash);
      if (same?.delete(one) === true && same.size === 0) this.#byHash.delete(hash);
    }
    this.#growing.delete(one);
  }

  find(hashes: Hashes): T | undefined {
    const known = [hashes.v1, hashes.v2].map((hash) => hash && this.#byHash.get(hash));
    for (const some of [...known, this.#growing]) {
      for (const one of some ?? []) if (isSameTorrent(one.torrent.id, hashes)) return one;
    }
    return undefined;
  }
}

function hashesOf({ torrent: { id } }: Named): InfoHash[] {
  return [id.v1, id.v2].filter((hash) => hash !== undefined);
}
