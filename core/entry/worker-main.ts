import { WorkerDesk } from '../identity/worker-desk.ts';
import type { FromWorker } from '../identity/worker-messages.ts';
import { parentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { endOnFault } from './faults.ts';
import { VERSION } from './version.ts';

/** Entry of a worker process under Node and Electron alike: it does what it is told until its parent ends it or is gone. */
const ports = nodePorts({ version: VERSION, writesOnLoop: true });
const parent = parentPort();
endOnFault(parent, (message): FromWorker => ({ type: 'failed', code: 'disk', message }));
new WorkerDesk(ports, parent, () => {
  void ports.hasher.close();
  parent.end();
}).start();

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
