import { WorkerJob } from '../identity/worker-job.ts';
import type { FromWorker } from '../identity/worker-messages.ts';
import { parentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { endOnFault } from './faults.ts';
import { VERSION } from './version.ts';

/** Entry of a worker process under Node and Electron alike: one job, then it ends. */
const ports = nodePorts({ version: VERSION, writesOnLoop: true });
const parent = parentPort();
endOnFault(parent, (message): FromWorker => ({ type: 'failed', code: 'disk', message }));
new WorkerJob(ports, parent, () => {
  void ports.hasher.close();
  parent.end();
}).start();

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
