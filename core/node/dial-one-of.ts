import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { millis } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';
import { firstInTurn } from '../ports/first-in-turn.ts';
import { NodeClock } from './clock.ts';
import { literalFamily } from './ip-literal.ts';

const clock = new NodeClock();
const HEAD_START = millis(400);
/** Most addresses that are tried. */
const MAX_TRIED = 8;

/** Connects to the first of these addresses (one at least) that answers, from this local one. Rejects with what the last one failed of. */
export function dialOneOf(
  addresses: readonly string[],
  port: number,
  localAddress: string | undefined,
  signal: StopSignal,
): Promise<Socket> {
  const local = localAddress === undefined ? {} : { localAddress };
  const dial = (host: string, stopped: StopSignal): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect({
        host,
        port,
        family: literalFamily(host),
        autoSelectFamily: false,
        noDelay: true,
        ...local,
      });
      const stop = (): unknown => socket.destroy();
      stopped.addEventListener('abort', stop, { once: true });
      socket.once('connect', () => {
        stopped.removeEventListener('abort', stop);
        if (stopped.aborted) socket.destroy();
        else resolve(socket);
      });
      // Also those that come too late need somebody who hears of them.
      socket.on('error', reject);
    });
  return firstInTurn(addresses.slice(0, MAX_TRIED), dial, { clock, headStart: HEAD_START, signal });
}
