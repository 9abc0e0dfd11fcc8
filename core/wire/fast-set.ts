import { fromHex, readU32 } from '../base/bytes.ts';
import type { InfoHash, PieceIndex } from '../base/ids.ts';
import { piece } from '../base/ids.ts';
import { parseIp } from '../base/ip.ts';
import { sha1OfShort } from './sha1-short.ts';

/**
 * The pieces that a peer at `ip` may fetch from us while it is choked, in the canonical order (BEP 6, "Allowed Fast Set
 * Generation"): `count` of them, or all where there are fewer. None for IPv6, which BEP 6 does not provide for.
 */
export function allowedFastSet(infoHash: InfoHash, ip: string, pieceCount: number, count: number): PieceIndex[] {
  const address = parseIp(ip);
  const hash = fromHex(infoHash.slice(0, 40));
  if (address?.length !== 4 || hash === undefined || pieceCount < 1) return [];
  const out = new Set<PieceIndex>();
  const wanted = Math.min(count, pieceCount);
  let x = new Uint8Array(24);
  x.set(address.subarray(0, 3));
  x.set(hash, 4);
  while (out.size < wanted) {
    x = sha1OfShort(x);
    for (let i = 0; i < 5 && out.size < wanted; i++) out.add(piece(readU32(x, i * 4) % pieceCount));
  }
  return [...out];
}
