import { concatBytes } from '../base/bytes.ts';
import { encode } from '../bencode/bencode.ts';

/** A torrent file around the raw bytes of an info dictionary, as they came from peers (BEP 9). */
export function wrapInfo(
  rawInfo: Uint8Array,
  trackers: readonly (readonly string[])[],
  webSeeds: readonly string[] = [],
): Uint8Array {
  const tiers = trackers.filter((tier) => tier.length > 0).map((tier) => [...tier]);
  // `info` sorts between the keys of the two halves.
  const head = encode({ announce: tiers[0]?.[0], 'announce-list': tiers.length > 0 ? tiers : undefined });
  const urls = encode({ 'url-list': webSeeds.length > 0 ? webSeeds : undefined });
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  return concatBytes(head.subarray(0, head.length - 1), text('4:info'), rawInfo, urls.subarray(1));
}
