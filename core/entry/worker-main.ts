import { WorkerJob } from '../identity/worker-job.ts';
import { forkParentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { VERSION } from './version.ts';

/** Entry of a worker process under plain Node: one job, then it ends. */
const ports = nodePorts({ version: VERSION });
const parent = forkParentPort();
new WorkerJob(ports, parent, () => {
  void ports.hasher.close();
  parent.end();
}).start();

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
