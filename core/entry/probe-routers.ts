import { nodePorts } from '../node/node-ports.ts';
import { type LinkProbe, probe, type ProbeOptions } from '../portmap/probe.ts';
import { VERSION } from './version.ts';

/** Asks the routers of this machine's links for ports by every protocol, and gives them back. */
export function probeRouters(options: ProbeOptions): Promise<readonly LinkProbe[]> {
  return probe(nodePorts({ version: VERSION }), options);
}
