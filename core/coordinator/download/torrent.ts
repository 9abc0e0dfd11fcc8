import type { InfoHash } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { type FileRange, holdMore } from '../../metainfo/file-ranges.ts';
import { alsoWanting } from '../../metainfo/magnet.ts';
import type { TorrentId } from '../../metainfo/torrent-id.ts';
import type { ChosenNames, Info } from '../../metainfo/torrent.ts';
import { trackerHosts } from '../../metainfo/announce-urls.ts';
import { isCheckable } from '../../metainfo/piece-check.ts';
import { withChosenNames } from '../../metainfo/chosen-names.ts';
import { keepNames } from '../../metainfo/keep-names.ts';
import { type NamedSources, withSources } from '../../metainfo/named-sources.ts';
import { wrapInfo } from '../../metainfo/wrap-info.ts';
import type { RenameRecord } from '../catalog/rename-record.ts';
import { piecePriorities } from './file-choice.ts';
import { namedWebSeeds, type Origin } from './source.ts';

/** What its files are called. */
interface Names {
  /** What the user chose. */
  readonly names?: ChosenNames | undefined;
  /** Where some were renamed: files that lie under the torrent's own names. */
  readonly keep?: readonly number[] | undefined;
  readonly renaming?: RenameRecord | undefined;
}

/** By their tiers, which many torrents share. */
const hostsOf = new WeakMap<Origin['trackers'], readonly string[]>();

/** What is known of a download's torrent: for a magnet link, only its hash and name until the metadata has come. */
export class KnownTorrent {
  #origin: Origin;
  /** Its info dictionary where that is all: of a torrent of version 2 without its piece layers. */
  readonly bare: Info | undefined;
  #info: Info | undefined;
  /** The same without the names that the user chose. */
  #given: Info | undefined;
  #names: Names;
  #geometry: Geometry | undefined;

  constructor(origin: Origin, names: Names = {}) {
    this.#origin = origin;
    this.#names = names;
    const { info } = origin;
    if (info === undefined || isCheckable(info)) this.#give(info && keepNames(info, names.keep ?? []));
    else this.bare = info;
  }

  /** All its info-hashes that are known: a magnet link may name one of a hybrid's two. */
  get id(): TorrentId {
    return this.#info?.id ?? this.origin.id;
  }

  get origin(): Origin {
    return this.#origin;
  }

  get infoHash(): InfoHash {
    return this.origin.infoHash;
  }

  /** Hosts of its trackers, the same array as long as these are the same: a list of thousands is looked at several times a second. */
  get trackerHosts(): readonly string[] {
    const { trackers } = this.#origin;
    let hosts = hostsOf.get(trackers);
    if (hosts === undefined) hostsOf.set(trackers, (hosts = trackerHosts(trackers)));
    return hosts;
  }

  /** The user wants these trackers from now on, whatever the torrent says. */
  setTrackers(trackers: Origin['trackers']): void {
    this.#origin = { ...this.#origin, trackers, edited: true };
  }

  get name(): string {
    return this.#info?.name ?? this.origin.name ?? this.infoHash;
  }

  /** What its working folder is called by. */
  get workName(): string {
    return this.#info?.nameBefore ?? this.name;
  }

  get info(): Info | undefined {
    return this.#info;
  }

  /** The same with the names that its files would have if none was renamed. */
  get given(): Info | undefined {
    return this.#given;
  }

  /** The torrent with other chosen names, which it is to have. */
  named(names: ChosenNames): Info | undefined {
    return this.#given && withChosenNames(this.#given, names);
  }

  /** The user chose these names, and all files have theirs. */
  setNames(names: ChosenNames): void {
    this.#names = { names };
    this.#give(this.#given);
  }

  /** Files that are being renamed now, or by a run of the program that was killed. */
  get renaming(): RenameRecord | undefined {
    return this.#names.renaming;
  }

  setRenaming(renaming: RenameRecord | undefined): void {
    this.#names = { ...this.#names, renaming };
  }

  /** See `CatalogEntry.keep`; undefined: which these are is found out at each start. */
  get fixedKeep(): readonly number[] | undefined {
    const { names, renaming } = this.#names;
    return names === undefined && renaming === undefined
      ? undefined
      : (this.#given?.naming.keep ?? this.#names.keep ?? []);
  }

  #give(given: Info | undefined): void {
    this.#given = given;
    this.#info = given && withChosenNames(given, this.#names.names ?? []);
    this.#geometry = undefined;
  }

  /** Made when it is first asked for: a thousand paused downloads need none. */
  get geometry(): Geometry | undefined {
    return (this.#geometry ??= this.#info && new Geometry(this.#info));
  }

  /** The torrent file for others, with its trackers as they are now; undefined while the metadata is not there. */
  get exported(): Uint8Array | undefined {
    const { origin } = this;
    if (origin.edited !== true || this.#info === undefined) return this.file;
    return wrapInfo(this.#info, origin.trackers, namedWebSeeds(origin, this.#info));
  }

  /** The torrent file to store; undefined while the metadata is not there. */
  get file(): Uint8Array | undefined {
    const { origin } = this;
    const info = this.#info;
    if (info === undefined || (origin.data !== undefined && this.bare === undefined)) return origin.data;
    return wrapInfo(info, origin.trackers, namedWebSeeds(origin, info));
  }

  /** The pieces' priorities under a choice of files; undefined: nothing is chosen, or nothing is known yet. Throws EnsembleError('usage') for a choice that cannot be. */
  priorities(options: Pick<DownloadOptions, 'filePriorities' | 'edgesFirst'>): Uint8Array | undefined {
    const { info, geometry } = this;
    return info && geometry && piecePriorities(info, geometry, options);
  }

  /** These of its files lie under the torrent's own names. */
  keepNames(files: readonly number[]): void {
    if (this.#given !== undefined && this.fixedKeep === undefined) this.#give(keepNames(this.#given, files));
  }

  /** A further link of it wants these files, too (BEP 53). False: they are wanted already, as all are. */
  wantAlso(more: readonly FileRange[]): boolean {
    const { only, link } = this.#origin;
    if (only === undefined || link === undefined || !holdMore(more, only)) return false;
    this.#origin = { ...this.#origin, only: [...only, ...more], link: alsoWanting(link, more) };
    return true;
  }

  /** The metadata has come. `named`: whom the torrent file names that it came in. */
  learn(info: Info, named?: NamedSources): void {
    if (this.#info === undefined) this.#give(keepNames(info, this.#names.keep ?? []));
    if (named !== undefined) this.#origin = withSources(this.#origin, named);
  }
}
