import type { Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { CloseReason, Connection, ConnectionHandler, ViaProxy } from '../ports/net.ts';
import { reasonByProxy } from '../ports/proxy-reason.ts';

/** Speaks with a proxy first; `handler` hears of nothing but the outcome. As `DialOptions.via` says. */
export function talkFirst(
  clock: Clock,
  { talk }: ViaProxy,
  connectTimeout: Millis,
  handler: ConnectionHandler,
): ConnectionHandler {
  let timer: Timer | undefined;
  let failure: CloseReason | undefined;
  const fail = (connection: Connection, reason: CloseReason): void => {
    failure = reason;
    connection.destroy();
  };
  return {
    connected: (connection) => {
      timer = clock.after(connectTimeout, () => fail(connection, { kind: 'timeout', what: 'connect' }));
      connection.write(talk.begin());
    },
    data: (connection, data) => {
      const step = talk.received(data);
      if (step.kind === 'failed') return fail(connection, { kind: 'error', code: step.code });
      if (step.kind === 'more') {
        if (step.send !== undefined) connection.write(step.send);
        return;
      }
      timer?.cancel();
      connection.handOver(handler);
      handler.connected?.(connection);
      if (step.rest.length > 0) handler.data(connection, step.rest);
    },
    closed: (connection, reason) => {
      timer?.cancel();
      handler.closed(connection, reasonByProxy(failure ?? reason, talk));
    },
  };
}
