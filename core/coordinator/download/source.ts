import type { Endpoint } from '../../base/endpoint.ts';
import { type FoundPeer, foundBy } from '../../base/peer-source.ts';
import { type InfoHash, type Millis, millis } from '../../base/ids.ts';
import { keptBytes } from '../../base/kept-bytes.ts';
import type { DownloadOptions, Source } from '../../engine/engine.ts';
import { NORMAL } from '../../engine/values.ts';
import { EnsembleError } from '../../base/errors.ts';
import { chosenTiers } from '../../metainfo/announce-urls.ts';
import { type FileRange, filesIn } from '../../metainfo/file-ranges.ts';
import { parseMagnet } from '../../metainfo/magnet.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import { sharedTiers } from '../../metainfo/shared-tiers.ts';
import type { TorrentId } from '../../metainfo/torrent-id.ts';
import type { Info } from '../../metainfo/torrent.ts';

/** What a download comes from, after validation. */
export interface Origin {
  /** All info-hashes that are known, of which `infoHash` is its name. */
  readonly id: TorrentId;
  readonly infoHash: InfoHash;
  readonly name?: string;
  readonly trackers: readonly (readonly string[])[];
  /** The user chose these trackers; the torrent may name others. */
  readonly edited?: boolean;
  /** Servers that have the files (BEP 19). */
  readonly webSeeds?: readonly string[];
  /** Where a magnet link says that the .torrent file is. */
  readonly torrentUrls?: readonly string[];
  /** Peers that a magnet link names. */
  readonly peers: readonly Endpoint[];
  /** Nodes of the DHT that a torrent file names. */
  readonly nodes: readonly Endpoint[];
  /** The only files that a magnet link wants; undefined: all. */
  readonly only?: readonly FileRange[];
  /** Undefined while the metadata is still to come. */
  readonly info?: Info;
  /** The torrent file as it was given. */
  readonly data?: Uint8Array;
  readonly link?: string;
  /** What the torrent file says of itself; `created`: Unix milliseconds. */
  readonly facts?: { readonly comment?: string; readonly createdBy?: string; readonly created?: Millis };
}

/** `named`: the info-hash by which a stored download goes. Throws EnsembleError('invalid-torrent'). */
export function readOrigin(source: Source, named?: InfoHash): Origin {
  if (source.kind === 'magnet') {
    return { ...parseMagnet(source.link), nodes: [], link: source.link };
  }
  const data = keptBytes(source.data);
  const { info, trackers, webSeeds, nodes, comment, createdBy, creationDate } = parseTorrent(data, named);
  const facts = {
    ...(comment !== undefined && { comment }),
    ...(createdBy !== undefined && { createdBy }),
    ...(isDate(creationDate) && { created: millis(creationDate * 1000) }),
  };
  const { id, infoHash, name } = info;
  return { id, infoHash, name, trackers: sharedTiers(trackers), webSeeds, peers: [], nodes, info, data, facts };
}

/** The same with the trackers that the user named besides. Throws EnsembleError('usage') for what is no tracker's URL. */
export function withTrackers(origin: Origin, { trackers }: Pick<DownloadOptions, 'trackers'>): Origin {
  if (trackers.length === 0) return origin;
  return { ...origin, trackers: chosenTiers([...origin.trackers, ...trackers.map((url) => [url])]), edited: true };
}

/** Whatever the torrent claims must be a date that can be shown. */
function isDate(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds > 0 && seconds < 8.64e12;
}

/**
 * The peers that are known before anything is asked: the user or the magnet link named them. A torrent that is known to be private
 * has none but those of the user and of its trackers (BEP 27).
 */
export function namedPeers(
  options: Pick<DownloadOptions, 'peers'>,
  { peers, info }: { readonly peers: readonly Endpoint[]; readonly info?: Info | undefined },
): FoundPeer[] {
  return [...foundBy('user', options.peers), ...(info?.private === true ? [] : foundBy('magnet', peers))];
}

/** The web seeds that may be asked. A private torrent has those that it names itself, as a link comes from anybody. */
export function namedWebSeeds(
  { webSeeds = [], link }: Pick<Origin, 'webSeeds' | 'link'>,
  info: Pick<Info, 'private'>,
): readonly string[] {
  return info.private && link !== undefined ? [] : webSeeds;
}

/** The choice of files with those that a further link names besides; undefined: it names none that are not wanted. Throws as `linkedPriorities`. */
export function alsoWanted(
  { filePriorities: before }: Pick<DownloadOptions, 'filePriorities'>,
  link: Pick<Origin, 'only'>,
  info: Info,
): number[] | undefined {
  const more = linkedPriorities(link, info);
  const after = before?.map((priority, file) => (priority > 0 ? priority : (more?.[file] ?? 0)));
  return after?.some((priority, file) => priority !== before?.[file]) === true ? after : undefined;
}

/** What a magnet link says of the files to fetch, as priorities; undefined: nothing. Throws EnsembleError('usage') where the torrent has none of them. */
export function linkedPriorities({ only }: Pick<Origin, 'only'>, { files, name }: Info): number[] | undefined {
  if (only === undefined) return undefined;
  const chosen = Array.from(filesIn(only, files.length), (one) => one * NORMAL);
  if (chosen.some((priority, file) => priority > 0 && files[file]?.padding === false)) return chosen;
  throw new EnsembleError(
    'usage',
    `The magnet link wants files that ${name} does not have (so=): it has ${files.length}, from 0 on. Take the link without "so".`,
  );
}
