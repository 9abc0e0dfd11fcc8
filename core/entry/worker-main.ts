import { WorkerJob } from '../identity/worker-job.ts';
import { parentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { endOnFault } from './end-on-fault.ts';
import { VERSION } from './version.ts';

/** Entry of a worker process under Node and Electron alike: one job, then it ends. */
endOnFault();
const ports = nodePorts({ version: VERSION, writesOnLoop: true });
const parent = parentPort();
new WorkerJob(ports, parent, () => {
  void ports.hasher.close();
  parent.end();
}).start();

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
