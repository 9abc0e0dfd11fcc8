import type { MappingProtocol } from '../base/choices.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { scopeOf } from '../base/ip-scope.ts';
import { withoutZone } from './gateways.ts';
import type { Grant, MapOutcome, Wanted } from './mapping.ts';

/** Protocols as people call them. */
export const PROTOCOL_NAMES: Readonly<Record<MappingProtocol, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  upnp: 'UPnP',
};

/** No router is known. */
export function noRouter(address: string, { tcp }: Wanted): string {
  return (
    `No port is mapped for ${address}, as the routing table names no router on its link: ` +
    `name it with --gateway, or let port ${tcp} through by hand`
  );
}

/** All ways were tried. */
export function notMapped(address: string, gateway: string, { tcp }: Wanted, outcomes: readonly MapOutcome[]): string {
  const router = withoutZone(gateway);
  const byHand = address.includes(':')
    ? `let port ${tcp} of ${address} through its firewall by hand`
    : `forward port ${tcp} to ${address} there by hand`;
  const refusals = outcomes.filter((one) => one.kind === 'refused');
  if (refusals.length === 0) {
    return `The router ${router} answers no request for a port (PCP, NAT-PMP, UPnP): switch one of them on in its settings, or ${byHand}`;
  }
  const reasons = refusals.map(({ by, why }) => `${PROTOCOL_NAMES[by]}: ${why}`).join('; ');
  return `The router ${router} maps no port (${reasons}): allow it in its settings, or ${byHand}`;
}

/** The system does not let us ask. */
export function cannotAsk(address: string, gateway: string, why: string): string {
  return `The router ${withoutZone(gateway)} cannot be asked for a port from ${address}: ${why}`;
}

/** Why a mapping may not suffice; undefined where nothing speaks against it. */
export function doubt(gateway: string, { host, tcp }: Grant): string | undefined {
  const router = withoutZone(gateway);
  if (host === undefined)
    return `The router ${router} does not tell its outer address: it may have no connection to the internet`;
  const scope = scopeOf(host);
  if (scope === 'global') return undefined;
  return (
    `The router ${router} has no public address itself (${host}), as there is another router before it or the provider shares ` +
    `addresses: peers get through only where that one forwards port ${tcp} to ${formatEndpoint({ host, port: tcp })} too`
  );
}
