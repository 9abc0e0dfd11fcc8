import { formatIp } from '../base/ip.ts';
import { fromHex } from '../base/bytes.ts';
import { isRow, type JsonRow, jsonRows } from '../base/json-rows.ts';
import type { Route } from '../ports/interfaces.ts';

/** `ip -j route show table all` with `ip -j rule show`: rules that name a source bind a table's routes to it. */
export function readIpRoutes(routes: string, rules: string, family: 4 | 6): Route[] {
  const sources = new Map<string, string[]>();
  const bits = family === 6 ? 128 : 32;
  for (const rule of jsonRows(rules)) {
    const { src, srclen = bits, table } = rule;
    if (typeof src !== 'string' || src === 'all' || typeof table !== 'string') continue;
    sources.set(table, [...(sources.get(table) ?? []), `${src}/${Number(srclen)}`]);
  }
  const out: Route[] = [];
  for (const route of jsonRows(routes)) {
    const bound = sources.get(text(route['table']) ?? 'main') ?? [undefined];
    const hops = Array.isArray(route['nexthops']) ? route['nexthops'].filter(isRow) : [route];
    for (const hop of hops) {
      const found = routeOf(route, hop, family);
      if (found === undefined) continue;
      for (const source of bound) out.push(source === undefined ? found : { ...found, source });
    }
  }
  return out;
}

function routeOf(route: JsonRow, hop: JsonRow, family: 4 | 6): Route | undefined {
  const [dst, dev, gateway] = [text(route['dst']), text(hop['dev']), text(hop['gateway'])];
  const type = text(route['type']) ?? 'unicast';
  if (dst === undefined || dev === undefined || type !== 'unicast') return undefined;
  const metric = typeof route['metric'] === 'number' ? route['metric'] : 0;
  const common = { interfaceName: dev, family, metric };
  if (gateway !== undefined) {
    const zoned = /^fe[89ab]/i.test(gateway) ? `${gateway}%${dev}` : gateway;
    return { ...common, gateway: zoned, leads: isEverywhere(dst) ? 'everywhere' : 'somewhere' };
  }
  const own = text(route['prefsrc']);
  const single = !dst.includes('/') && dst !== 'default';
  if (!single || own === undefined || own === dst || route['scope'] !== 'link') return undefined;
  return { ...common, gateway: dst, leads: 'peer', source: `${own}/${family === 6 ? 128 : 32}` };
}

const UP_AND_GATEWAY = 3;

/** `/proc/net/route`: the main table, numbers in hex, addresses in the machine's (little-endian) order. */
export function readProcRoute4(table: string): Route[] {
  const out: Route[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [interfaceName = '', , gateway = '', flags = '', , , metric = '', mask = ''] = line.trim().split(/\s+/);
    const host = fromHex(gateway);
    if (host?.length !== 4 || (Number.parseInt(flags, 16) & UP_AND_GATEWAY) !== UP_AND_GATEWAY) continue;
    // Half of everywhere is 128.0.0.0 as a mask.
    const leads = mask === '00000000' || mask === '00000080' ? 'everywhere' : 'somewhere';
    out.push({ interfaceName, family: 4, gateway: formatIp(host.reverse()), leads, metric: Number(metric) || 0 });
  }
  return out;
}

/** `/proc/net/ipv6_route`: destination, its length, source, its length, next hop, metric, two counts, flags, interface. */
export function readProcRoute6(table: string): Route[] {
  const out: Route[] = [];
  for (const line of table.split('\n')) {
    const [dst = '', length = '', , , hop = '', metric = '', , , flags = '', interfaceName = ''] = line
      .trim()
      .split(/\s+/);
    const host = fromHex(hop);
    if (host?.length !== 16 || fromHex(dst)?.length !== 16) continue;
    if ((Number.parseInt(flags, 16) & UP_AND_GATEWAY) !== UP_AND_GATEWAY || host.every((byte) => byte === 0)) continue;
    const written = formatIp(host);
    out.push({
      interfaceName,
      family: 6,
      gateway: /^fe[89ab]/.test(written) ? `${written}%${interfaceName}` : written,
      leads: Number.parseInt(length, 16) <= 1 ? 'everywhere' : 'somewhere',
      metric: Number.parseInt(metric, 16) || 0,
    });
  }
  return out;
}

/** Whether a destination is the whole internet, or one of the halves that VPNs use so that the default route may stay. */
export function isEverywhere(destination: string): boolean {
  return /^(?:default|[0-9a-f.:]+\/[01])$/i.test(destination);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
