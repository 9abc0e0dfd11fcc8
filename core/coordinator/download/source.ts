import type { Endpoint } from '../../base/endpoint.ts';
import { type FoundPeer, foundBy } from '../../base/peer-source.ts';
import type { InfoHash } from '../../base/ids.ts';
import type { DownloadOptions, Source } from '../../engine/engine.ts';
import { parseMagnet } from '../../metainfo/magnet.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import type { Info } from '../../metainfo/torrent.ts';

/** What a download comes from, after validation. */
export interface Origin {
  readonly infoHash: InfoHash;
  readonly name?: string;
  readonly trackers: readonly (readonly string[])[];
  /** Servers that have the files (BEP 19). */
  readonly webSeeds?: readonly string[];
  /** Peers that a magnet link names. */
  readonly peers: readonly Endpoint[];
  /** Undefined while the metadata is still to come. */
  readonly info?: Info;
  /** The torrent file as it was given. */
  readonly data?: Uint8Array;
  readonly link?: string;
}

/** Throws EnsembleError('invalid-torrent'). */
export function readSource(source: Source): Origin {
  if (source.kind === 'magnet') {
    const { infoHash, name, trackers, webSeeds, peers } = parseMagnet(source.link);
    return { infoHash, ...(name === undefined ? {} : { name }), trackers, webSeeds, peers, link: source.link };
  }
  const { info, trackers, webSeeds } = parseTorrent(source.data);
  return { infoHash: info.infoHash, name: info.name, trackers, webSeeds, peers: [], info, data: source.data };
}

/** The peers that are known before anything is asked: the user or the magnet link named them. */
export function namedPeers(options: Pick<DownloadOptions, 'peers'>, origin: Pick<Origin, 'peers'>): FoundPeer[] {
  return [...foundBy('user', options.peers), ...foundBy('magnet', origin.peers)];
}
