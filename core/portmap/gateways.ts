import { isUnicast, parseIp } from '../base/ip.ts';
import { deviceOf, type LocalAddress, type Route } from '../ports/interfaces.ts';

const RANK: Readonly<Record<Route['leads'], number>> = { everywhere: 0, somewhere: 1, peer: 2 };

/**
 * The router that packets from this address go to: of the routes on its link, those bound to the address first, then a router of its
 * own network, then the default route. Where the tables have none (VPNs often name none), the one of `byHand` that is most like it.
 */
export function gatewayOf(own: LocalAddress, routes: readonly Route[], byHand: readonly string[]): string | undefined {
  const key = (route: Route): readonly number[] => [
    route.source === undefined ? 1 : 0,
    sharesNetwork(own, route.gateway) || isLinkLocal(route.gateway) ? 0 : 1,
    RANK[route.leads],
    route.metric,
  ];
  const fit = routes.filter(
    (route) =>
      route.family === own.family &&
      (route.interfaceName === '' || route.interfaceName === deviceOf(own)) &&
      (route.source !== undefined ? within(own.address, route.source) : route.interfaceName === deviceOf(own)) &&
      isRouter(route.gateway, own),
  );
  const [best] = fit.sort((a, b) => compare(key(a), key(b)));
  if (best !== undefined) return best.gateway;
  const [given] = byHand
    .filter((gateway) => isRouter(gateway, own))
    .sort((a, b) => commonBits(b, own.address) - commonBits(a, own.address));
  return given;
}

/** The addresses that the machine itself would send from: one of each family, on the link of the default route. */
export function defaultAddresses(list: readonly LocalAddress[], routes: readonly Route[]): LocalAddress[] {
  return ([4, 6] as const).flatMap((family) => {
    const ways = routes
      .filter((route) => route.family === family && route.leads === 'everywhere')
      .sort((a, b) => a.metric - b.metric);
    for (const way of ways) {
      const on = list.filter(
        (own) =>
          own.family === family &&
          !own.internal &&
          (way.source === undefined ? deviceOf(own) === way.interfaceName : within(own.address, way.source)),
      );
      const own = on.find((one) => sharesNetwork(one, way.gateway)) ?? on[0];
      if (own !== undefined) return [own];
    }
    return [];
  });
}

/** Whether `host`, which may bear a zone, is on the link of this address: nothing routes its packets here. */
export function isOnLink(own: LocalAddress, host: string): boolean {
  return isLinkLocal(host) ? own.family === 6 && host.includes(':') : sharesNetwork(own, host);
}

/** An address without its zone. */
export function withoutZone(host: string): string {
  return host.replace(/%.*$/, '');
}

function isRouter(gateway: string, own: LocalAddress): boolean {
  const ip = parseIp(withoutZone(gateway));
  if (ip === undefined || !isUnicast(ip) || (ip.length === 16) !== (own.family === 6)) return false;
  const loopback = ip.length === 4 ? ip[0] === 127 : ip.every((byte, i) => byte === (i === 15 ? 1 : 0));
  return !loopback && withoutZone(gateway) !== own.address;
}

function isLinkLocal(host: string): boolean {
  return /^(?:fe[89ab][0-9a-f]:|169\.254\.)/i.test(host);
}

function sharesNetwork(own: LocalAddress, host: string): boolean {
  return own.prefix !== undefined && commonBits(own.address, withoutZone(host)) >= own.prefix;
}

function within(address: string, source: string): boolean {
  const [network = '', length = ''] = source.split('/');
  return commonBits(address, network) >= Number(length);
}

/** How many leading bits two addresses share; -1 where they are of different families, or none. */
function commonBits(a: string, b: string): number {
  const [one, other] = [parseIp(a), parseIp(b)];
  if (one === undefined || other === undefined || one.length !== other.length) return -1;
  for (const [i, byte] of one.entries()) {
    const differ = byte ^ (other[i] ?? 0);
    if (differ !== 0) return 8 * i + Math.clz32(differ) - 24;
  }
  return 8 * one.length;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const differ = value - (b[i] ?? 0);
    if (differ !== 0) return differ;
  }
  return 0;
}
