import type { StorePlace } from '../base/store-place.ts';
import { type LoneOptions, type LoneResult, runLone } from '../lone/identity.ts';
import { natsServer } from '../node/nats-buckets.ts';
import { nodePorts } from '../node/node-ports.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import type { BucketServer } from '../ports/buckets.ts';
import { onFault } from './faults.ts';
import { CLIENT, VERSION } from './version.ts';

/** Runs one identity in this process, without a coordinator: resolves when its share is done and it has left. */
export async function runLoneIdentity(lone: LoneOptions): Promise<LoneResult> {
  const ports = nodePorts({ version: VERSION, writesOnLoop: true });
  const program = { client: CLIENT, version: VERSION };
  const deaf = onFault((text) => lone.onWarning?.(text));
  try {
    const buckets = (place: StorePlace): BucketServer => natsServer(place, process.env);
    return await runLone({ ...ports, processFacts: new NodeProcessFacts(), program, buckets }, lone);
  } finally {
    deaf();
    await ports.hasher.close();
  }
}
