import { type LoneOptions, type LoneResult, runLone } from '../lone/identity.ts';
import { listenHttp } from '../node/http-listener.ts';
import { nodePorts } from '../node/node-ports.ts';
import { NodeProcessFacts } from '../node/process-facts.ts';
import { bucketServer } from './bucket-server.ts';
import { onFault } from './faults.ts';
import { CLIENT, VERSION } from './version.ts';

/** Runs one identity in this process, without a coordinator: resolves when its share is done and it has left. */
export async function runLoneIdentity(lone: LoneOptions): Promise<LoneResult> {
  const ports = nodePorts({ version: VERSION, quickOnLoop: true });
  const program = { client: CLIENT, version: VERSION };
  const deaf = onFault((text) => lone.onWarning?.(text));
  try {
    return await runLone(
      { ...ports, processFacts: new NodeProcessFacts(), program, buckets: bucketServer, listen: listenHttp },
      lone,
    );
  } finally {
    deaf();
    await ports.hasher.close();
  }
}
