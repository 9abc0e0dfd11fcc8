import { expect, test } from 'vitest';
import type { Connection, ConnectionHandler } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { ProxyLink } from './proxy-link.ts';

/** A link to a proxy that is never there. */
function scene() {
  const clock = new VirtualClock();
  const counts = { dials: 0, open: 0 };
  const dial = (_: unknown, handler: ConnectionHandler): Connection => {
    counts.dials++;
    counts.open++;
    const connection = {} as Connection;
    const closed = (): void => {
      counts.open--;
      handler.closed(connection, { kind: 'error', code: 'ECONNREFUSED' });
    };
    const timer = clock.after(500 as never, closed);
    connection.destroy = () => {
      timer.cancel();
      counts.open--;
    };
    return connection;
  };
  const ports = { net: { dial }, clock, http: undefined, interfaces: undefined } as never;
  const link = new ProxyLink({ ports, url: 'socks5://127.0.0.1:1080', from: undefined, address: '242.0.0.1' });
  return { clock, counts, link };
}

const GONE = { kind: 'error', code: 'EPROXY' } as const;

test('a proxy that is gone is looked for again and again', async () => {
  const { clock, counts, link } = scene();
  link.failed(GONE);
  await clock.advance(120_000);
  expect(link.list()).toEqual([]);
  expect(counts.dials).toBeGreaterThan(5);
});

test.each([0, 200, 700])('one that is closed %d ms after it failed is not looked for any more', async (later) => {
  const { clock, counts, link } = scene();
  link.failed(GONE);
  await clock.advance(later);
  link.close();
  const { dials } = counts;
  link.failed(GONE);
  await clock.advance(120_000);
  expect([counts.dials, counts.open, clock.pending]).toEqual([dials, 0, 0]);
});
