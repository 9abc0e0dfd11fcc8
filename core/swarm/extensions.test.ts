import { describe, expect, test } from 'vitest';
import type { InfoHash, Millis, PeerId } from '../base/ids.ts';
import { identityIndex, torrentKey } from '../base/ids.ts';
import { hashesOf } from '../metainfo/torrent-id.ts';
import { foundBy } from '../base/peer-source.ts';
import { AddressVotes } from '../discovery/address-votes.ts';
import { PeerListener } from '../peer/listener.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { SwarmCore } from './core.ts';
import type { Extension, ExtensionEars, ExtensionPeer } from './extension.ts';
import { LinkHandler } from './link-handler.ts';
import type { PeerLink } from './peer-link.ts';
import { plainRole } from './testing/plain-role.ts';

const HASH = 'ab'.repeat(20) as InfoHash;

/** Every ten seconds it tells each peer how often it has heard from that peer: state for each, one timer, none of it on private torrents. */
class Counting implements Extension {
  readonly name = 'x_counting';
  readonly onPrivate = false;
  /** By host: what each peer said. */
  readonly heard = new Map<string, number[]>();
  readonly #peers = new Map<ExtensionPeer, { heard: number }>();
  #next = 0;

  announces(): { readonly uploadOnly: boolean } {
    return { uploadOnly: true };
  }

  join(peer: ExtensionPeer): ExtensionEars {
    const state = { heard: 0 };
    this.#peers.set(peer, state);
    return {
      message: (payload) => {
        state.heard++;
        const { host } = peer.session.remote;
        this.heard.set(host, [...(this.heard.get(host) ?? []), payload[0] ?? -1]);
      },
      left: () => this.#peers.delete(peer),
    };
  }

  get size(): number {
    return this.#peers.size;
  }

  tick(now: Millis): void {
    if (now < this.#next) return;
    this.#next = now + 10_000;
    for (const [peer, { heard }] of this.#peers) peer.send(Uint8Array.of(heard));
  }
}

/** Another that everybody has, so that numbers differ where `Counting` is not the first. */
class Silent implements Extension {
  readonly name = 'x_silent';
  readonly onPrivate = true;

  join(): ExtensionEars {
    return { message: () => {} };
  }
}

function world() {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const net = new SimNet(clock, random);
  const client = async (n: number, extensions: readonly Extension[], isPrivate = false) => {
    const address = `10.0.0.${n}`;
    const host = net.host(address, { latency: 5 });
    const ports = {
      clock,
      random,
      net: host,
      interfaces: host,
      http: new SimHttp(clock),
      disk: new MemoryDisk(),
      hasher: new SimHasher(),
    };
    const links: PeerLink[] = [];
    const peerId = `0${n}`.repeat(20) as PeerId;
    const self = {
      key: torrentKey(HASH),
      hashes: hashesOf(HASH),
      identity: identityIndex(0),
      peerId,
      address,
      count: 1,
      claims: false,
      external: new AddressVotes(),
      endpoint: () => ({ host: address, port: 6881 }),
      announced: () => ({ host: address, port: 6881 }),
      mapping: () => ({ kind: 'unknown' }) as const,
    };
    const core: SwarmCore = new SwarmCore(
      {
        ports,
        self,
        client: 'test',
        encryption: () => 'off',
        transports: () => new Map([['tcp', host]]),
        pex: () => false,
        punches: () => false,
        isOutside: () => false,
        sources: () => [],
        events: { peer: () => {}, peersFound: () => {} },
      },
      plainRole(
        (link) => {
          links.push(link);
          return new LinkHandler(link, core);
        },
        { isPrivate, extensions },
      ),
    );
    await PeerListener.open(ports, { address, port: 6881 }, (_, newcomer) => core.pool.admission(newcomer));
    core.start();
    return {
      core,
      links,
      meet: (...to: number[]) =>
        core.pool.setDealt(
          foundBy(
            'user',
            to.map((i) => ({ host: `10.0.0.${i}`, port: 6881 })),
          ),
        ),
    };
  };
  return { clock, client };
}

describe('an extension (BEP 10)', () => {
  test('keeps its state for each peer, and speaks on the one timer of the swarm under the number that each gave it', async () => {
    const { clock, client } = world();
    const [a, b, c] = [new Counting(), new Counting(), new Counting()];
    const one = await client(1, [a, new Silent()]);
    const two = await client(2, [new Silent(), b]);
    await client(3, [c]);
    await clock.advance(1_000);
    one.meet(2, 3);
    await clock.advance(35_000);
    // One hears each of the two three times, by a count of its own; those two do not know of each other.
    expect(a.heard.get('10.0.0.2')).toEqual(a.heard.get('10.0.0.3'));
    expect(a.heard.get('10.0.0.2')!.length).toBeGreaterThanOrEqual(3);
    expect(b.heard.get('10.0.0.1')).toEqual(b.heard.get('10.0.0.1')!.map((_, i) => i));
    expect([...b.heard.keys()]).toEqual(['10.0.0.1']);
    expect(two.links[0]!.handshake).toMatchObject({ client: 'test', uploadOnly: true });
    const before = clock.pending;
    one.core.halt();
    await clock.advance(1_000);
    expect([a.size, b.size, c.size]).toEqual([0, 0, 0]);
    // Two connections with their timers at both ends are gone, and none of the extensions'.
    expect(clock.pending).toBeLessThan(before);
  });

  test('that may not be on private torrents is neither offered there nor heard', async () => {
    const { clock, client } = world();
    const [a, b] = [new Counting(), new Counting()];
    const one = await client(1, [a, new Silent()], true);
    const two = await client(2, [b, new Silent()]);
    await clock.advance(1_000);
    one.meet(2);
    await clock.advance(25_000);
    expect([...two.links[0]!.handshake!.messages.keys()]).toEqual(['x_silent']);
    expect(two.links[0]!.handshake).not.toHaveProperty('uploadOnly');
    expect([a.size, a.heard.size, b.size, b.heard.size]).toEqual([0, 0, 1, 0]);
  });
});
