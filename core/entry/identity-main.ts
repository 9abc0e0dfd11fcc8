import { IdentityHost } from '../identity/host.ts';
import { forkParentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { CLIENT, VERSION } from './version.ts';

/** Entry of an identity process under plain Node. */
new IdentityHost(nodePorts({ version: VERSION }), forkParentPort(), CLIENT, () => {
  // The last message is on its way through the channel; the process ends when that is closed.
  process.disconnect?.();
  setTimeout(() => process.exit(0), 200).unref();
}).start();

// The coordinator decides when to end: Ctrl-C reaches every process of the terminal, and we have to leave the swarm first.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
