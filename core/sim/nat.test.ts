import { expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint, parseEndpoint } from '../base/endpoint.ts';
import type { NatBehaviour } from './nat.ts';
import { NATS, Nat } from './nat.ts';

const at = (text: string): Endpoint => parseEndpoint(text)!;
const OUTER = '203.0.113.1';
const INNER = at('10.0.0.2:6881');
const [A1, A2, B1] = [at('198.51.100.1:1000'), at('198.51.100.1:2000'), at('198.51.100.2:1000')];
const EI = 'endpoint-independent';
const AD = 'address-dependent';
const APD = 'address-and-port-dependent';

test.each([
  [EI, [true, true]],
  [AD, [true, false]],
  [APD, [false, false]],
] as const)('%s mapping: the same outer port for another port, for another address: %j', (mapping, same) => {
  const nat = new Nat(OUTER, { mapping, filtering: EI });
  const ports = [A1, A2, B1].map((remote) => nat.outbound('udp', INNER, remote, 0).port);
  expect(ports[0]).toBe(INNER.port);
  expect([ports[1] === ports[0], ports[2] === ports[0]]).toEqual(same);
  expect(nat.outbound('udp', INNER, A1, 1).port).toBe(ports[0]);
});

test.each<[NatBehaviour, NatBehaviour, string[]]>([
  [EI, EI, ['A1', 'A2', 'B1']],
  [EI, AD, ['A1', 'A2']],
  [EI, APD, ['A1']],
  [APD, EI, ['A1', 'A2', 'B1']],
  [APD, APD, ['A1']],
])('mapping %s, filtering %s: after a packet to A1 lets in %j', (mapping, filtering, expected) => {
  const nat = new Nat(OUTER, { mapping, filtering });
  const { port } = nat.outbound('udp', INNER, A1, 0);
  const entries = Object.entries({ A1, A2, B1 });
  const through = entries.filter(([, remote]) => nat.inbound('udp', port, remote, 1) !== undefined);
  expect(through.map(([name]) => name)).toEqual(expected);
  expect(nat.inbound('tcp', port, A1, 1)).toBeUndefined();
  expect(nat.inbound('udp', port + 1, A1, 1)).toBeUndefined();
});

test('what comes in does not prolong a mapping, what leaves does; each remote is let in for as long by itself', () => {
  const nat = new Nat(OUTER, { ...NATS.restricted, udpLifetime: 100 });
  const { port } = nat.outbound('udp', INNER, A1, 0);
  nat.outbound('udp', INNER, B1, 80);
  expect(nat.inbound('udp', port, A1, 99)).toEqual(INNER);
  expect(nat.inbound('udp', port, A1, 100)).toBeUndefined();
  expect(nat.inbound('udp', port, B1, 179)).toEqual(INNER);
  expect(nat.inbound('udp', port, B1, 180)).toBeUndefined();
});

test('a port is free again when its mapping has ended; TCP and UDP have ports of their own, and TCP lives longer', () => {
  const nat = new Nat(OUTER, { ...NATS.fullCone, udpLifetime: 100, tcpLifetime: 1000 });
  const other = { host: '10.0.0.3', port: INNER.port };
  const leave = (protocol: 'tcp' | 'udp', inner: Endpoint, now: number): number =>
    nat.outbound(protocol, inner, A1, now).port;
  expect([leave('udp', INNER, 0), leave('tcp', INNER, 0)]).toEqual([INNER.port, INNER.port]);
  const second = leave('udp', other, 50);
  expect(second).not.toBe(INNER.port);
  expect(leave('udp', other, 110)).toBe(second);
  expect(leave('udp', { host: '10.0.0.4', port: INNER.port }, 120)).toBe(INNER.port);
  expect(nat.inbound('tcp', INNER.port, B1, 900)).toEqual(INNER);
});

test('a symmetric box gives a port of its own to each remote, never the inner one', () => {
  const nat = new Nat(OUTER, NATS.symmetric);
  const ports = [A1, A2, B1].map((remote) => nat.outbound('udp', INNER, remote, 0).port);
  expect(new Set([...ports, INNER.port]).size).toBe(4);
});

test('a forwarded port is open to all, is what its inner endpoint leaves by, and is nobody else’s', () => {
  const nat = new Nat(OUTER, NATS.symmetric);
  expect(nat.forward('udp', 7000, INNER, 0)).toBe(true);
  expect(nat.forward('udp', 7000, at('10.0.0.3:1'), 0)).toBe(false);
  expect(nat.inbound('udp', 7000, B1, 0)).toEqual(INNER);
  expect(formatEndpoint(nat.outbound('udp', INNER, A1, 0))).toBe(`${OUTER}:7000`);
  nat.endForward('udp', 7000);
  expect(nat.inbound('udp', 7000, B1, 0)).toBeUndefined();
});
