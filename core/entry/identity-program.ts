import { millis } from '../base/ids.ts';
import { IdentityHost, type MakeHosted } from '../identity/host.ts';
import type { FromIdentity } from '../identity/messages.ts';
import { NodeClock } from '../node/clock.ts';
import { parentPort } from '../node/parent-port.ts';
import { nodePorts } from '../node/node-ports.ts';
import { giveBackAtRest } from '../node/spare-memory.ts';
import { endOnFault } from './faults.ts';
import { CLIENT, VERSION } from './version.ts';

/** Trackers are told within 3 s; writing takes little longer. */
const LEAVE_WITHIN = millis(8000);

/** An identity process. */
const clock = new NodeClock();
const parent = parentPort();
endOnFault(parent, (message): FromIdentity => ({ type: 'fault', message }));
// Whatever holds up leaving, this process does not outlive the coordinator for long.
parent.onClose(() => clock.after(LEAVE_WITHIN, () => process.exit(0)));
const ports = nodePorts({ version: VERSION, quickOnLoop: true });
const ended = (): void => {
  // The process ends when the channel is closed, which is after the last message.
  parent.onClose(() => process.exit(0));
  parent.end();
  clock.after(millis(200), () => process.exit(0));
};
/** Few downloads meet other machines: for these alone it is loaded. */
const hostTogether: MakeHosted = async (setup, host) =>
  setup.together && (await import('./together.ts')).hostTogether(ports, setup, host);
new IdentityHost(ports, parent, CLIENT, ended, hostTogether).start();

giveBackAtRest();

// The coordinator decides when to end: Ctrl-C reaches every process of the terminal, but this one has to leave the swarm first.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
