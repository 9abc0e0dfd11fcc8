import { EnsembleError } from '../base/errors.ts';
import { type InfoHash, type InfoHashV1, type InfoHashV2, type TorrentKey, torrentKey } from '../base/ids.ts';

/** Which versions a torrent has: one, or both (BEP 52, "upgrade path"). */
export type TorrentVersion = 1 | 2 | 'hybrid';

/**
 * What a torrent is called: by its info-hash of version 1 (20 bytes), of version 2 (32 bytes, BEP 52), or a hybrid by both. One of
 * them is its name, in our folders, records and JSON, and never changes: `key` is made of it.
 */
export interface TorrentId {
  readonly key: TorrentKey;
  readonly v1?: InfoHashV1;
  readonly v2?: InfoHashV2;
}

/** The info-hashes of a torrent that are known, at least one. */
export type Hashes = Pick<TorrentId, 'v1' | 'v2'>;

/** With `named`: the one of its hashes that is its name, where that is not the usual one. Throws EnsembleError('usage') without a hash. */
export function torrentId({ v1, v2 }: Hashes, named: InfoHash = nameOf({ v1, v2 })): TorrentId {
  return { key: torrentKey(named), ...(v1 !== undefined && { v1 }), ...(v2 !== undefined && { v2 }) };
}

/** The hash that is a torrent's name unless it was first known by the other alone: that of version 1, where it has one. */
export function nameOf({
  v1,
  v2,
}: {
  readonly v1?: InfoHashV1 | undefined;
  readonly v2?: InfoHashV2 | undefined;
}): InfoHash {
  const name = v1 ?? v2;
  if (name === undefined) throw new EnsembleError('usage', 'A torrent has at least one info-hash.');
  return name;
}

/** An info-hash alone, of either version, told apart by its length. */
export function hashesOf(infoHash: InfoHash): Hashes {
  return isV2(infoHash) ? { v2: infoHash } : { v1: infoHash };
}

/** Whether this is a whole info-hash of version 2. */
export function isV2(infoHash: InfoHash): infoHash is InfoHashV2 {
  return infoHash.length === 64;
}

/** A torrent's info-hashes as front ends have them: each in a field of its own, where it is known. */
export function hashFields({ v1, v2 }: Hashes): { readonly infoHashV1?: InfoHashV1; readonly infoHashV2?: InfoHashV2 } {
  return { ...(v1 !== undefined && { infoHashV1: v1 }), ...(v2 !== undefined && { infoHashV2: v2 }) };
}

/** Which versions it has, as far as its hashes tell. */
export function versionOf({ v1, v2 }: Hashes): TorrentVersion {
  if (v2 === undefined) return 1;
  return v1 === undefined ? 2 : 'hybrid';
}

/** Whether two sets of hashes can be of one torrent: they have one in common and none that differ. */
export function isSameTorrent(a: Hashes, b: Hashes): boolean {
  const pairs = [
    [a.v1, b.v1],
    [a.v2, b.v2],
  ].filter(([one, other]) => one !== undefined && other !== undefined);
  return pairs.length > 0 && pairs.every(([one, other]) => one === other);
}

/**
 * The 20 bytes by which handshakes, trackers, the DHT and the local network know it, in hex (BEP 52, "infohash": the one of version 2
 * is cut to 20 bytes): one for each swarm that it is in, that of version 1 first.
 */
export function swarmHashes({ v1, v2 }: Hashes): InfoHashV1[] {
  return [...(v1 === undefined ? [] : [v1]), ...(v2 === undefined ? [] : [v2.slice(0, 40) as string as InfoHashV1])];
}
