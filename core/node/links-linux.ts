import type { LinkKind } from '../base/choices.ts';
import { isRow, type JsonRow, jsonRows } from '../base/json-rows.ts';
import type { InterfaceFacts } from '../ports/interfaces.ts';

/** `link_type` and `info_kind` of interfaces that carry other networks' packets inside another's. */
const TUNNELS = new Set(['wireguard', 'tun', 'ppp', 'ipip', 'sit', 'gre', 'ip6tnl', 'ip6gre', 'vti', 'vti6', 'xfrm']);
const VIRTUAL = new Set(['veth', 'bridge', 'dummy', 'macvlan', 'ipvlan', 'vxlan', 'ifb', 'vrf']);

/** Interfaces by `ip -j -d link show`. */
export function readIpLinks(text: string): ReadonlyMap<string, InterfaceFacts> {
  const out = new Map<string, InterfaceFacts>();
  for (const link of jsonRows(text)) {
    const name = link['ifname'];
    if (typeof name !== 'string') continue;
    const flags = new Set(Array.isArray(link['flags']) ? link['flags'] : []);
    const carries = flags.has('UP') && !flags.has('NO-CARRIER');
    out.set(name, { kind: kindOf(name, link), up: carries, pointToPoint: flags.has('POINTOPOINT') });
  }
  return out;
}

/** Names as systemd gives them: wl... is wireless, ww... a mobile modem. */
function kindOf(name: string, link: JsonRow): LinkKind {
  const info = isRow(link['linkinfo']) ? link['linkinfo']['info_kind'] : undefined;
  const kind = typeof info === 'string' ? info : '';
  if (TUNNELS.has(kind) || link['link_type'] === 'none' || link['link_type'] === 'ppp') return 'vpn';
  if (VIRTUAL.has(kind)) return 'virtual';
  if (link['link_type'] !== 'ether') return 'unknown';
  if (name.startsWith('wl')) return 'wireless';
  return name.startsWith('ww') ? 'mobile' : 'wired';
}
