import type { Clock } from '../ports/clock.ts';
import type { Connection, ConnectionHandler, DialOptions } from '../ports/net.ts';

/** A connection that never comes to be, as there is no socket to dial from. Its handler hears of that soon. */
export function deadConnection(options: DialOptions, handler: ConnectionHandler, clock: Clock): Connection {
  const { remote, localAddress = '' } = options;
  const hears = { handler };
  const connection: Connection = {
    remote,
    local: { host: localAddress, port: 0 },
    outgoing: true,
    transport: 'utp',
    queued: 0,
    write: () => false,
    cork: () => {},
    uncork: () => {},
    pause: () => {},
    resume: () => {},
    end: () => {},
    destroy: () => {},
    handOver: (next) => (hears.handler = next),
  };
  clock.soon(() => hears.handler.closed(connection, { kind: 'error', code: 'ENETUNREACH' }));
  return connection;
}
