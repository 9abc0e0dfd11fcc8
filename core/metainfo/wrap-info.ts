import { concatBytes } from '../base/bytes.ts';
import { encode } from '../bencode/bencode.ts';
import { encodePieceLayers } from './piece-layers.ts';
import type { Info } from './torrent.ts';

/**
 * A torrent file around the raw bytes of an info dictionary, as they came from peers (BEP 9), with the piece layers where they are
 * known (BEP 52).
 */
export function wrapInfo(
  info: Info,
  trackers: readonly (readonly string[])[],
  webSeeds: readonly string[] = [],
): Uint8Array {
  const tiers = trackers.filter((tier) => tier.length > 0).map((tier) => [...tier]);
  // Keys in order: what comes before `info`, then `piece layers`, then the rest.
  const head = encode({ announce: tiers[0]?.[0], 'announce-list': tiers.length > 0 ? tiers : undefined });
  const urls = encode({ 'url-list': webSeeds.length > 0 ? webSeeds : undefined });
  const layers = encodePieceLayers(info);
  return concatBytes(
    head.subarray(0, -1),
    encode('info'),
    info.raw,
    ...(layers === undefined ? [] : [encode('piece layers'), layers]),
    urls.subarray(1),
  );
}
