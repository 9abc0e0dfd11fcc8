import { expect, test } from 'vitest';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import { networkOf } from '../base/ip.ts';
import { isWithin, scopeOf } from '../base/ip-scope.ts';
import { CONNECTS_TO_MACHINE, CONNECTS_TO_ONE } from '../strategy/peers/punch-plan.ts';
import type { ExtensionEars } from '../swarm/extension.ts';
import { Holepunch } from '../swarm/holepunch.ts';
import { decodeHolepunch, encodeHolepunch, encodeHolepunchError, HOLEPUNCH } from '../wire/holepunch-message.ts';
import { PEX_FLAG } from '../wire/peer-exchange.ts';
import { figure, times } from './acceptance.ts';
import { VirtualClock } from './clock.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';

const ROUNDS = times(3_000, 100_000);
const HOSTS = ['93.184.216.1', '93.184.216.2', '8.8.4.4', '192.168.1.5', '127.0.0.1', '2001:db8::1', '2a00:1450::1'];
const US = { host: '93.184.216.1', port: 6881 };

interface Peer {
  readonly endpoint: Endpoint;
  readonly ears: ExtensionEars;
  speaks: boolean;
  /** How many `connect` messages it was sent. */
  told: number;
}

test('whatever peers say, in whatever order: nobody is dialled or told of more often than he may, or further inside', async (it) => {
  const random = new SeededRandom(55);
  const clock = new VirtualClock();
  const below = (n: number): number => Math.floor(random.uniform() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const place = (): Endpoint => ({ host: pick(HOSTS), port: 6880 + below(3) });
  const punched = new Map<string, number>();
  let by: Peer | undefined;
  const punch = new Holepunch({
    clock,
    offered: () => true,
    isSelf: (one) => formatEndpoint(one) === formatEndpoint(US),
    isOurs: (one) => formatEndpoint(one) === formatEndpoint(US),
    punch: (to) => {
      const [inside, teller] = [scopeOf(to.host), scopeOf(by?.endpoint.host ?? '')];
      expect(by?.speaks === true && inside !== undefined && teller !== undefined && isWithin(inside, teller)).toBe(
        true,
      );
      expect(formatEndpoint(to)).not.toBe(formatEndpoint(US));
      const machine = networkOf(to.host);
      punched.set(machine, (punched.get(machine) ?? 0) + 1);
      const most = CONNECTS_TO_MACHINE.most + (CONNECTS_TO_MACHINE.rate * clock.now()) / 1000;
      expect(punched.get(machine)).toBeLessThanOrEqual(most);
    },
  });
  const peers: Peer[] = [];
  const join = (): void => {
    const endpoint = place();
    const send = (payload: Uint8Array): void => {
      const message = decodeHolepunch(payload);
      if (message?.kind !== 'connect') return;
      expect([peer.speaks, scopeOf(message.peer.host)]).toEqual([true, scopeOf(endpoint.host)]);
      peer.told++;
    };
    const session = { transport: pick(['tcp', 'utp']), remote: endpoint };
    const link = { host: endpoint.host, endpoint, listens: random.uniform() < 0.5, session };
    const peer: Peer = { endpoint, ears: punch.join({ link, session, send } as never), speaks: false, told: 0 };
    peers.push(peer);
    links.set(peer, link);
  };
  const links = new Map<Peer, object>();
  let dialled = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (peers.length < 6) join();
    const peer = pick(peers);
    by = peer;
    const corpus = [
      encodeHolepunch('rendezvous', place()),
      encodeHolepunch('connect', place()),
      encodeHolepunchError(encodeHolepunch('rendezvous', place()), pick([1, 2, 3, 4] as const)),
    ];
    switch (below(8)) {
      case 0:
        peer.speaks = random.uniform() < 0.8;
        peer.ears.greeted?.({ messages: new Map(peer.speaks ? [[HOLEPUNCH, 3]] : []) } as never);
        break;
      case 1:
        punch.named(links.get(peer) as never, {
          added: [{ ...place(), flags: PEX_FLAG.holepunch }],
          dropped: [place()],
        });
        break;
      case 2:
        punch.unreachable(place());
        break;
      case 3:
        if (random.uniform() < 0.8) break;
        peer.ears.left?.();
        peers.splice(peers.indexOf(peer), 1);
        links.delete(peer);
        break;
      case 4:
        await clock.advance(millis(below(200)));
        break;
      default:
        try {
          peer.ears.message(random.uniform() < 0.5 ? pick(corpus) : mutate(random, corpus));
        } catch (error) {
          expect(error).toBeInstanceOf(EnsembleError);
        }
    }
    const most = 2 * CONNECTS_TO_ONE.most + (2 * CONNECTS_TO_ONE.rate * clock.now()) / 1000;
    expect(peer.told).toBeLessThanOrEqual(most);
  }
  for (const count of punched.values()) dialled += count;
  // Else nothing of what matters was reached.
  expect(dialled).toBeGreaterThan(10);
  expect(clock.pending).toBe(0);
  figure(it, 'inputs of hole punching', ROUNDS);
});
