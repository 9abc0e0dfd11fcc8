import { expect, test } from 'vitest';
import type { PeerSession } from '../peer/session.ts';
import { PeerLink } from './peer-link.ts';

test.each([
  // Dialled by us, over, the port that it says; where it listens, as far as that is known.
  [false, 'tcp', undefined, 5000],
  [true, 'tcp', 6881, 6881],
  [true, 'tcp', undefined, undefined],
  [true, 'utp', 6881, 6881],
  // libtorrent 2.0.8 does not say a port over IPv6; but over uTP everybody dials from where he listens.
  [true, 'utp', undefined, 5000],
] as const)('incoming %s over %s that says %s: listens on %s', (incoming, transport, port, listens) => {
  const remote = { host: '2001:db9::1', port: 5000 };
  const link = new PeerLink({ incoming, transport, remote } as PeerSession, 'user');
  const said = port === undefined ? {} : { port };
  link.handshake = { messages: new Map(), ...said };
  expect(link.listens ? link.endpoint.port : undefined).toBe(listens);
});
