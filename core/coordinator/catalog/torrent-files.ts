import { MAX_TORRENT_BYTES } from '../../base/bounds.ts';
import { EnsembleError, messageOf } from '../../base/errors.ts';
import type { InfoHash } from '../../base/ids.ts';
import { inLanes } from '../../base/lanes.ts';
import { type Disk, diskCode } from '../../ports/disk.ts';
import {
  encodePack,
  MOST_PACKED,
  PACK_BYTES,
  type PackedTorrent,
  type PackEntry,
  packs,
  readPack,
  unpacked,
} from './torrent-pack.ts';

/** From so many on, torrent files that are to be kept at once go into packs. */
const PACKED_FROM = 16;
/** Files that are read or written at the same time. */
const AT_ONCE = 16;
/** Most packs that are in memory while thousands of torrents are read. */
const MOST_WHOLE = 16;
const PACK = /^([1-9]\d{0,8})\.torrents$/;
const SINGLE = /^([0-9a-f]{40}|[0-9a-f]{64})\.torrent$/;
/** Largest pack: one of a single torrent, with its index. */
const MAX_BYTES = MAX_TORRENT_BYTES + PACK_BYTES + MOST_PACKED * 64;

interface Pack {
  readonly number: number;
  readonly entries: ReadonlyMap<InfoHash, PackEntry>;
  /** Those of its torrents that are kept nowhere else. */
  readonly live: Set<InfoHash>;
}

/**
 * The torrent files of a catalog, in `torrents` of the state folder: `<info-hash>.torrent` each, or many in a pack `<n>.torrents`. A pack
 * is written once, and removed when nothing in it is needed any more. What stands alone comes before what is in packs, and a later pack
 * before an earlier one.
 */
export class TorrentFiles {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #packs = new Map<number, Pack>();
  readonly #packOf = new Map<InfoHash, Pack>();
  /** Those that have a file of their own. */
  readonly #alone = new Set<InfoHash>();
  /** Why packs could not be read. */
  #trouble: string | undefined;
  /** Packs that were read whole; undefined: torrents are read one by one. */
  #whole: Map<Pack, Promise<Uint8Array | undefined>> | undefined = new Map();
  #last = 0;

  constructor(disk: Disk, stateFolder: string) {
    this.#disk = disk;
    this.#folder = `${stateFolder}/torrents`;
  }

  /** Whether there are packs, which programs of catalog version 1 do not know. */
  get packed(): boolean {
    return this.#packs.size > 0;
  }

  /** Finds out what is there. `names`: of all files in the folder. Packs that cannot be read are as if they were not there. */
  async look(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const infoHash = SINGLE.exec(name)?.[1];
      if (infoHash !== undefined) this.#alone.add(infoHash as InfoHash);
    }
    const numbers = names.map((name) => Number(PACK.exec(name)?.[1] ?? 0)).filter((number) => number > 0);
    this.#last = Math.max(this.#last, ...numbers);
    for (const number of numbers.toSorted((a, b) => a - b)) {
      try {
        const data = await this.#disk.readFile(this.#packPath(number), MAX_BYTES);
        if (data !== undefined) this.#add(number, readPack(data, this.#packPath(number)));
      } catch (error) {
        this.#trouble = messageOf(error);
      }
    }
  }

  path(infoHash: InfoHash): string {
    return `${this.#folder}/${infoHash}.torrent`;
  }

  /** Undefined where it is missing. Rejects with EnsembleError('disk') where it cannot be read, or may be in a pack that cannot. */
  async read(infoHash: InfoHash): Promise<Uint8Array | undefined> {
    const pack = this.#packOf.get(infoHash);
    const entry = pack?.entries.get(infoHash);
    // Somebody may have put one there.
    const alone =
      pack === undefined || this.#alone.has(infoHash)
        ? await this.#disk.readFile(this.path(infoHash), MAX_TORRENT_BYTES)
        : undefined;
    if (alone !== undefined) return alone;
    if (pack === undefined || entry === undefined) {
      if (this.#trouble !== undefined) throw new EnsembleError('disk', this.#trouble);
      return undefined;
    }
    const file = await this.#unpack(pack, entry);
    if (file !== undefined) return file;
    const own = await this.#disk.readFile(this.path(infoHash), MAX_TORRENT_BYTES);
    if (own === undefined) throw new EnsembleError('disk', `${this.#packPath(pack.number)} is damaged.`);
    return own;
  }

  /** All that were needed at the start were read: no pack is to be in memory any more. */
  rest(): void {
    this.#whole = undefined;
  }

  /** Those in packs of which most is not needed: kept anew, their packs can go. */
  get scattered(): readonly InfoHash[] {
    const sparse = [...this.#packs.values()].filter(({ live, entries }) => live.size * 2 < entries.size);
    return sparse.flatMap(({ live }) => [...live]);
  }

  /** Only these are needed. */
  retain(infoHashes: ReadonlySet<InfoHash>): void {
    for (const { live } of this.#packs.values()) {
      for (const infoHash of live) if (!infoHashes.has(infoHash)) this.#drop(infoHash);
    }
  }

  /** Durable when it resolves. `kept` is called for each that is. */
  async keep(torrents: readonly PackedTorrent[], kept: (infoHash: InfoHash) => void): Promise<void> {
    // Beside a file of its own a pack would not count.
    const single = (one: PackedTorrent): boolean =>
      torrents.length < PACKED_FROM || this.#alone.has(one.infoHash) || one.data.length > PACK_BYTES;
    await inLanes(torrents.filter(single), AT_ONCE, async (one) => {
      await this.#replace(this.path(one.infoHash), one.data);
      this.#alone.add(one.infoHash);
      this.#drop(one.infoHash);
      kept(one.infoHash);
    });
    for (const some of packs(torrents.filter((one) => !single(one)))) {
      const number = ++this.#last;
      const data = encodePack(some);
      await this.#replace(this.#packPath(number), data);
      this.#add(number, readPack(data, this.#packPath(number)));
      for (const { infoHash } of some) kept(infoHash);
    }
    await this.#removeEmpty();
  }

  async forget(infoHash: InfoHash): Promise<void> {
    this.#drop(infoHash);
    this.#alone.delete(infoHash);
    await this.#disk.remove(this.path(infoHash));
    await this.#removeEmpty();
  }

  async #unpack(pack: Pack, entry: PackEntry): Promise<Uint8Array | undefined> {
    const path = this.#packPath(pack.number);
    let whole = this.#whole?.get(pack);
    if (whole === undefined && this.#whole !== undefined && this.#whole.size < MOST_WHOLE) {
      this.#whole.set(pack, (whole = this.#disk.readFile(path, MAX_BYTES)));
    }
    const data = await whole;
    if (data !== undefined) return unpacked(data.slice(entry.offset, entry.offset + entry.length), entry);
    const file = await this.#disk.open(path, 'read');
    try {
      const into = new Uint8Array(entry.length);
      await file.read(into, entry.offset);
      return unpacked(into, entry);
    } finally {
      await file.close();
    }
  }

  #add(number: number, entries: ReadonlyMap<InfoHash, PackEntry>): void {
    const pack = { number, entries, live: new Set<InfoHash>() };
    this.#packs.set(number, pack);
    for (const infoHash of entries.keys()) {
      this.#drop(infoHash);
      if (this.#alone.has(infoHash)) continue;
      pack.live.add(infoHash);
      this.#packOf.set(infoHash, pack);
    }
  }

  #drop(infoHash: InfoHash): void {
    this.#packOf.get(infoHash)?.live.delete(infoHash);
    this.#packOf.delete(infoHash);
  }

  async #removeEmpty(): Promise<void> {
    for (const { number, live } of this.#packs.values()) {
      if (live.size > 0) continue;
      this.#packs.delete(number);
      await this.#disk.remove(this.#packPath(number));
    }
  }

  async #replace(path: string, data: Uint8Array): Promise<void> {
    try {
      await this.#disk.replaceFile(path, data);
    } catch (error) {
      if (diskCode(error) !== 'ENOENT') throw error;
      await this.#disk.makeDirectory(this.#folder);
      await this.#disk.replaceFile(path, data);
    }
  }

  #packPath(number: number): string {
    return `${this.#folder}/${number}.torrents`;
  }
}
