import { IdentityHost } from '../identity/host.ts';
import { forkParentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { CLIENT, VERSION } from './version.ts';

/** Entry of an identity process under plain Node. */
const parent = forkParentPort();
new IdentityHost(nodePorts({ version: VERSION }), parent, CLIENT, () => {
  // The process ends when the channel is closed, which is after the last message.
  parent.end();
  setTimeout(() => process.exit(0), 200).unref();
}).start();

// The coordinator decides when to end: Ctrl-C reaches every process of the terminal, and we have to leave the swarm first.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
