import type { Endpoint } from '../base/endpoint.ts';
import { ROUTERS } from '../coordinator/processes/dht-hosts.ts';
import { type DhtProbeOptions, type ProbedNode, probeDht as probe } from '../identity/dht-probe.ts';
import { nodePorts } from '../node/node-ports.ts';
import { dhtVersion } from '../wire/peer-id.ts';
import { CLIENT, VERSION } from './version.ts';

export interface ProbeDhtOptions extends Omit<DhtProbeOptions, 'bootstrap' | 'version'> {
  /** Nodes to start from, in place of the well-known ones; empty: those. */
  readonly bootstrap: readonly Endpoint[];
}

/** Runs nodes of the DHT at this machine's addresses for a while, perhaps with a search, and tells how that went. */
export function probeDht({ bootstrap, ...rest }: ProbeDhtOptions): Promise<readonly ProbedNode[]> {
  const from = bootstrap.length > 0 ? bootstrap : ROUTERS;
  return probe(nodePorts({ version: VERSION }), { ...rest, bootstrap: from, version: dhtVersion(CLIENT) });
}
