import { toHex } from '../base/bytes.ts';
import { remembered } from '../base/remembered.ts';
import type { PeerId } from '../base/ids.ts';

const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * A peer id in Azureus style: `-EN`, four digits of the version, `-`, 12 random letters and digits (BEP 20).
 * `version` is `major.minor.patch`; the fourth digit is 0.
 */
export function makePeerId(random: (count: number) => Uint8Array, version: string): PeerId {
  let id = prefixOf(version);
  for (const byte of random(12)) id += ALPHANUMERIC.charCodeAt(byte % ALPHANUMERIC.length).toString(16);
  return id as PeerId;
}

/** In hexadecimal. */
const prefixOf = remembered(4, (version) => {
  const numbers = version.split('.').map((part) => Math.min(Number.parseInt(part, 10) || 0, 35));
  const digits = [0, 1, 2, 3].map((at) => (numbers[at] ?? 0).toString(36).toUpperCase()).join('');
  return toHex(new TextEncoder().encode(`-EN${digits}-`));
});

/** How the program names itself in messages of the DHT: `EN` and two bytes of its version (BEP 5, `v`). `client` is `name version`. */
export function dhtVersion(client: string): Uint8Array {
  const [major = 0, minor = 0] = (/\d+(?:\.\d+)*/.exec(client)?.[0] ?? '').split('.').map(Number);
  return Uint8Array.of(0x45, 0x4e, major & 0xff, minor & 0xff);
}
