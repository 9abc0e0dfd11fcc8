import { networkInterfaces } from 'node:os';
import type { Interfaces, LocalAddress } from '../ports/interfaces.ts';

/** The machine's addresses, but IPv6 link-local ones: without a scope nothing can leave from them, and no swarm is there. */
export class NodeInterfaces implements Interfaces {
  list(): readonly LocalAddress[] {
    const out: LocalAddress[] = [];
    for (const [interfaceName, addresses] of Object.entries(networkInterfaces())) {
      for (const { address, family, internal } of addresses ?? []) {
        if (/^fe[89ab]/i.test(address)) continue;
        out.push({ interfaceName, address, family: family === 'IPv6' ? 6 : 4, internal });
      }
    }
    return out;
  }
}
