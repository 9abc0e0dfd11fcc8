import { canonicalIp, parseIp } from '../base/ip.ts';
import type { Route } from '../ports/interfaces.ts';
import { isEverywhere } from './routes-linux.ts';

/** `netstat -rn -f inet` (or `inet6`) of macOS and the BSDs: destination, gateway, flags, interface, and perhaps more. */
export function readNetstat(output: string, family: 4 | 6): Route[] {
  const out: Route[] = [];
  for (const line of output.split('\n')) {
    const [dst = '', via = '', flags = '', interfaceName = ''] = line.trim().split(/\s+/);
    if (!/^U[A-Za-z]*$/.test(flags) || !/^[a-z]+\d+$/.test(interfaceName)) continue;
    const common = { interfaceName, family, metric: out.length };
    const gateway = flags.includes('G') ? addressOf(via) : undefined;
    if (gateway !== undefined) out.push({ ...common, gateway, leads: isEverywhere(dst) ? 'everywhere' : 'somewhere' });
    // The far end of a tunnel: a host route by our own address.
    else if (flags.includes('H') && /^(?:utun|tun|ppp|ipsec)/.test(interfaceName)) {
      const [peer, own] = [addressOf(dst), addressOf(via)];
      if (peer === undefined || own === undefined || peer === own) continue;
      out.push({ ...common, gateway: peer, leads: 'peer', source: `${own}/${family === 6 ? 128 : 32}` });
    }
  }
  return out;
}

/**
 * `route print` of Windows, whose headings are in the user's language: rows of five columns are IPv4 (network, mask, gateway, own
 * address, metric), rows of four IPv6 (number of the interface, metric, network, gateway).
 */
export function readRoutePrint(output: string, names: ReadonlyMap<string, string>): Route[] {
  const out: Route[] = [];
  for (const line of output.split(/\r?\n/)) {
    const columns = line.trim().split(/\s+/);
    if (columns.length === 5) {
      const [dst = '', mask = '', via = '', own = '', metric = ''] = columns;
      if ([dst, mask, via, own].some((one) => parseIp(one)?.length !== 4) || !/^\d+$/.test(metric)) continue;
      const leads = mask === '0.0.0.0' || mask === '128.0.0.0' ? 'everywhere' : 'somewhere';
      out.push({ interfaceName: '', family: 4, gateway: via, leads, metric: Number(metric), source: `${own}/32` });
    } else if (columns.length === 4) {
      const [number = '', metric = '', dst = '', via = ''] = columns;
      const gateway = canonicalIp(via);
      const interfaceName = names.get(number);
      if (!/^\d+$/.test(metric) || !dst.includes(':') || gateway?.includes(':') !== true || interfaceName === undefined)
        continue;
      const zoned = /^fe[89ab]/.test(gateway) ? `${gateway}%${number}` : gateway;
      const leads = isEverywhere(dst) ? 'everywhere' : 'somewhere';
      out.push({ interfaceName, family: 6, gateway: zoned, leads, metric: Number(metric) });
    }
  }
  return out;
}

/** A literal, with the zone that IPv6 link-local ones bear; undefined for names and what `netstat` writes for links (`link#4`). */
function addressOf(text: string): string | undefined {
  const [plain = '', zone] = text.split('%');
  const address = canonicalIp(plain);
  return address === undefined ? undefined : zone === undefined ? address : `${address}%${zone}`;
}
