import { expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import type { ProxyTalk } from '../ports/net.ts';
import { unwrapDatagram, wrapDatagram } from '../proxy/datagram.ts';
import { HttpConnectTalk } from '../proxy/http-connect.ts';
import { Socks5Talk } from '../proxy/socks5.ts';
import { times } from './acceptance.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';

const ROUNDS = times(1_500, 100_000);
const TARGET = { host: 'tracker.example', port: 80 };
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const TALKS: readonly (readonly [string, () => ProxyTalk, readonly Uint8Array[]])[] = [
  [
    'SOCKS5',
    () => new Socks5Talk({ kind: 'socks5', host: 'p', port: 1, user: 'u', password: 'p' }, 'connect', TARGET),
    [Uint8Array.of(5, 2), Uint8Array.of(1, 0), Uint8Array.of(5, 0, 0, 3, 3, 97, 98, 99, 0, 80, 1, 2)],
  ],
  [
    'HTTP CONNECT',
    () => new HttpConnectTalk({ kind: 'http', host: 'p', port: 1 }, TARGET),
    [ascii('HTTP/1.1 200 OK\r\nProxy-agent: x\r\n\r\nrest')],
  ],
];

test.each(TALKS)('%s takes any answers, and keeps few of them', { timeout: 600_000 }, (_, make, answers) => {
  const random = new SeededRandom(7);
  const outcomes = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    const talk = make();
    let fed = 0;
    let outcome = 'more';
    talk.begin();
    for (const answer of answers) {
      const data = random.uniform() < 0.6 ? answer : mutate(random, answers);
      const cut = Math.floor(random.uniform() * data.length);
      for (const part of [data.subarray(0, cut), data.subarray(cut)]) {
        if (outcome !== 'more') break;
        const step = talk.received(part);
        fed += part.length;
        outcome = step.kind;
        // What is handed on is a part of what came.
        if (step.kind === 'open') expect(step.rest.length).toBeLessThanOrEqual(fed);
      }
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  expect([...outcomes.keys()].sort()).toEqual(['failed', 'more', 'open']);
});

test('datagrams of a proxy may be anything', { timeout: 600_000 }, () => {
  const random = new SeededRandom(8);
  const data = concatBytes(ascii('d1:ad2:id20:'), new Uint8Array(20));
  const corpus = ['10.1.2.3', '2001:db8::1', 'router.example'].map((host) => wrapDatagram({ host, port: 6881 }, data));
  let taken = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const packet = mutate(random, corpus);
    const out = unwrapDatagram(packet);
    if (out === undefined) continue;
    taken++;
    expect(out.data.length).toBeLessThan(packet.length);
    expect(out.from.host.length).toBeLessThanOrEqual(255);
  }
  expect(taken).toBeGreaterThan(0);
});
