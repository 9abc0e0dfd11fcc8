import type { Engine } from '../bridge/engine.ts';
import { Coordinator } from '../coordinator/coordinator.ts';
import { ForkProcessHost } from '../node/fork-process-host.ts';
import { nodePorts } from '../node/node-ports.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import { makePeerId } from '../wire/peer-id.ts';
import { VERSION } from './version.ts';

/** Absolute paths of the scripts that identity and worker processes run. */
export interface EntryScripts {
  readonly identity: string;
  readonly worker: string;
}

/** Builds the coordinator of this process, in order, and starts it (B19). Without `stateFolder` nothing is kept between runs. */
export async function createEngine(
  scripts: EntryScripts,
  options: { readonly stateFolder?: string } = {},
): Promise<Engine> {
  const ports = nodePorts({ version: VERSION });
  const coordinator = new Coordinator({
    ports,
    processHost: new ForkProcessHost(scripts),
    processFacts: new NodeProcessFacts(),
    newPeerId: () => makePeerId((count) => ports.random.bytes(count), VERSION),
    ...options,
  });
  await coordinator.start();
  return coordinator;
}
