import { encode, encodeDictionary } from '../bencode/bencode.ts';
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
  const [first] = tiers;
  const { pieceRoots } = info;
  return encodeDictionary([
    ['announce', first && encode(first[0] ?? '')],
    ['announce-list', first && encode(tiers)],
    ['info', info.raw],
    ['piece layers', pieceRoots && encodePieceLayers({ ...info, pieceRoots })],
    ['url-list', webSeeds.length > 0 ? encode(webSeeds) : undefined],
  ]);
}
