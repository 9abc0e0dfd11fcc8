import { WorkerDesk } from '../identity/worker-desk.ts';
import type { FromWorker } from '../identity/worker-messages.ts';
import { parentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { endOnFault } from './faults.ts';
import { VERSION } from './version.ts';

/** Entry of a worker process under Node and Electron alike: it does what it is told until its parent ends it or is gone. */
const ports = nodePorts({ version: VERSION, quickOnLoop: true });
/** On the event loop, as nothing else is done there meanwhile. */
const quick = nodePorts({ version: VERSION, quickOnLoop: true, readsOnLoop: true });
const parent = parentPort();
endOnFault(parent, (message): FromWorker => ({ type: 'failed', code: 'disk', message }));
const ended = (): void => {
  void ports.hasher.close();
  parent.end();
};
new WorkerDesk(ports, parent, ended, quick).start();

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
