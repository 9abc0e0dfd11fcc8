import { crc32c } from '../base/crc32c.ts';
import { scopeOf } from '../base/ip-scope.ts';
import { parseIp } from '../base/ip.ts';
import type { Random } from '../ports/random.ts';
import { ID_BYTES, type NodeId } from './node-id.ts';

/** Ids that follow from a node's address, so that nobody chooses a place in the DHT (BEP 42). */

const MASK_4 = [0x03, 0x0f, 0x3f, 0xff];
const MASK_6 = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

/** What the first 21 bits of an id have to be, in the upper bits of 32; `chance` is the id's last byte. */
function prefixOf(ip: Uint8Array, chance: number): number {
  const mask = ip.length === 4 ? MASK_4 : MASK_6;
  return crc32c(Uint8Array.from(mask, (bits, i) => ((ip[i] ?? 0) & bits) | (i === 0 ? (chance & 7) << 5 : 0)));
}

/** Whether this id may be that of a node at this address. Addresses that are not global may have any. */
export function isSecureId(id: NodeId, host: string): boolean {
  const scope = scopeOf(host);
  if (scope !== 'global') return scope !== undefined;
  const ip = parseIp(host);
  if (ip === undefined) return false;
  const prefix = prefixOf(ip, id[ID_BYTES - 1] ?? 0);
  const start = ((id[0] ?? 0) << 16) | ((id[1] ?? 0) << 8) | (id[2] ?? 0);
  return start >>> 3 === prefix >>> 11;
}

/** A new id for a node that others see at this address. */
export function secureId(random: Random, ip: Uint8Array): NodeId {
  const id = random.bytes(ID_BYTES);
  const prefix = prefixOf(ip, id[ID_BYTES - 1] ?? 0);
  id[0] = prefix >>> 24;
  id[1] = prefix >>> 16;
  id[2] = ((prefix >>> 8) & 0xf8) | ((id[2] ?? 0) & 7);
  return id as NodeId;
}
