import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { millis } from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import { systemError } from '../ports/system-error.ts';
import { NodeClock } from './clock.ts';

const clock = new NodeClock();
/** After this time without an answer the next address is tried too; the ones before are still waited for. */
const HEAD_START = millis(400);
/** Most addresses that are tried. */
const MAX_TRIED = 8;

/** Connects to the first of these addresses that answers, from this local one. Rejects with what the last one failed of. */
export function dialOneOf(
  addresses: readonly string[],
  port: number,
  localAddress: string | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const tried = addresses.slice(0, MAX_TRIED);
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    let next = 0;
    let timer: Timer | undefined;
    const settle = (act: () => void): void => {
      timer?.cancel();
      signal.removeEventListener('abort', stop);
      next = tried.length;
      act();
      for (const socket of open) socket.destroy();
    };
    const stop = (): void => settle(() => reject(asError(signal.reason)));
    const attempt = (): void => {
      timer?.cancel();
      const host = tried[next++];
      if (host === undefined) return;
      const local = localAddress === undefined ? {} : { localAddress };
      const socket = connect({ host, port, family: isIP(host), autoSelectFamily: false, noDelay: true, ...local });
      open.add(socket);
      socket.once('connect', () => {
        open.delete(socket);
        settle(() => resolve(socket));
      });
      // Of a connection that is there its user hears; before that, and of those that came too late, nobody else does.
      socket.on('error', (error) => {
        if (!open.delete(socket)) return;
        if (next < tried.length) attempt();
        else if (open.size === 0) settle(() => reject(error));
      });
      if (next < tried.length) timer = clock.after(HEAD_START, attempt);
    };
    if (signal.aborted) return stop();
    if (tried.length === 0) return reject(systemError('ENOTFOUND'));
    signal.addEventListener('abort', stop, { once: true });
    attempt();
  });
}

/** Why a signal was given: always an error here, but nothing says so. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('it was stopped', { cause: reason });
}
