import type { LinkSocket } from './link-socket.ts';
import type { MappingWay, MapPorts } from './mapping.ts';
import { Pinhole } from './pinhole.ts';
import { PmpMapping } from './pmp-mapping.ts';
import { UpnpMapping } from './upnp-mapping.ts';

/** The ways to ask a router, the quickest first. For IPv6 they open its firewall. */
export function waysOf(ports: MapPorts, link: LinkSocket): readonly [MappingWay, MappingWay] {
  return [new PmpMapping(ports, link), link.own.family === 6 ? new Pinhole(ports, link) : new UpnpMapping(ports, link)];
}
