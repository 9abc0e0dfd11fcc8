/** IP addresses as bytes and as text. */

function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const out = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const value = Number(match[i + 1]);
    if (value > 255) return undefined;
    out[i] = value;
  }
  return out;
}

/** The bytes of groups of up to four hex digits between colons; the last group may be an IPv4 address. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  const groups = text.split(':');
  for (const [at, group] of groups.entries()) {
    if (at === groups.length - 1 && group.includes('.')) {
      const tail = parseIpv4(group);
      if (!tail) return undefined;
      out.push(...tail);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      out.push(value >>> 8, value & 0xff);
    }
  }
  return out;
}

/** The 4 or 16 bytes of an IPv4 or IPv6 literal without brackets and zone; undefined where the text is none. */
export function parseIp(text: string): Uint8Array | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const halves = text.split('::');
  if (halves.length > 2 || (halves.length === 2 && halves[0]?.includes('.'))) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (!head || !tail) return undefined;
  const gap = 16 - head.length - tail.length;
  if (halves.length === 2 ? gap < 2 : gap !== 0) return undefined;
  return Uint8Array.from([...head, ...Array<number>(gap).fill(0), ...tail]);
}

/** Whether these 16 bytes are an IPv4 address in IPv6 form (`::ffff:a.b.c.d`). */
export function isMapped(ip: Uint8Array): boolean {
  return ip.length === 16 && ip.subarray(0, 10).every((byte) => byte === 0) && ip[10] === 0xff && ip[11] === 0xff;
}

/** The canonical text of an address of 4 or 16 bytes (RFC 5952); an IPv4 address in IPv6 form is written as IPv4. */
export function formatIp(ip: Uint8Array): string {
  if (isMapped(ip)) return formatIp(ip.subarray(12));
  if (ip.length === 4) return ip.join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((ip[i] ?? 0) << 8) | (ip[i + 1] ?? 0));
  let bestAt = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) [bestAt, bestLength] = [i, end - i];
    if (end > i) i = end;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (bestAt < 0) return hex(groups);
  return `${hex(groups.slice(0, bestAt))}::${hex(groups.slice(bestAt + bestLength))}`;
}

/** The canonical text of an address, however it was written; undefined where the text is no IP literal. */
export function canonicalIp(text: string): string | undefined {
  const ip = parseIp(text);
  return ip && formatIp(ip);
}

/** Whether the text is a loopback address, which all programs of this machine share. */
export function isLoopback(host: string): boolean {
  const ip = canonicalIp(host);
  return ip !== undefined && (ip.startsWith('127.') || ip === '::1');
}

/** The address itself; for IPv6 its /64, since whoever has one address of a /64 has them all. */
export function networkOf(host: string): string {
  const ip = parseIp(host);
  if (ip === undefined) return host;
  return ip.length === 4 || isMapped(ip) ? formatIp(ip) : `${formatIp(leadingBits(ip, 64))}/64`;
}

/** The address with all but so many leading bits cleared: that of its network. */
export function leadingBits(ip: Uint8Array, bits: number): Uint8Array {
  return ip.map((byte, i) => byte & (0xff << Math.max(0, 8 - Math.max(0, bits - i * 8))));
}

/** Whether listening there means listening on all addresses of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/**
 * Whether it may be the address of a single host: not unspecified (0.0.0.0/8, ::), multicast, reserved or broadcast. Loopback,
 * private and link-local addresses pass.
 */
export function isUnicast(ip: Uint8Array): boolean {
  if (isMapped(ip)) return isUnicast(ip.subarray(12));
  const first = ip[0] ?? 0;
  if (ip.length === 4) return first !== 0 && first < 224;
  return ip.length === 16 && first !== 0xff && ip.some((byte) => byte !== 0);
}

/** The family of an address literal, with or without a zone. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}
