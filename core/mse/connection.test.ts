import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import type { InfoHash } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { Connection, ConnectionHandler } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { RawPeer } from '../sim/raw-peer.ts';
import { SeededRandom } from '../sim/random.ts';
import { EncryptedConnection } from './connection.ts';
import { KEY_LENGTH, KeyPair } from './key-exchange.ts';
import { offerOf } from './policy.ts';
import { torrentSecret } from './secrets.ts';
import { bookOf, HASH } from './testing/pair.ts';

const TIMES = { silenceTimeout: millis(1e6), stuckTimeout: millis(1e6), connectTimeout: millis(5_000) };
const REMOTE = { host: '10.0.0.2', port: 6881 };

function world(seed = 1) {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const net = new SimNet(clock, random);
  return { clock, random, near: net.host('10.0.0.1', { latency: 5 }), far: net.host(REMOTE.host, { latency: 5 }) };
}
type World = ReturnType<typeof world>;

function dial(w: World, handler: ConnectionHandler, policy: 'preferred' | 'required' = 'preferred', hash = HASH) {
  const terms = { random: w.random, secret: torrentSecret(hash), offer: offerOf(policy) };
  return EncryptedConnection.dial(w.near, { remote: REMOTE, ...TIMES }, handler, terms);
}

/** The far side encrypts, and hands its connections to `handler`. */
async function accept(w: World, handler: ConnectionHandler, secrets = bookOf()): Promise<Connection[]> {
  const accepted: Connection[] = [];
  await w.far.listen({ port: REMOTE.port, ...TIMES }, (connection) => ({
    data: (it, data) => {
      const encrypted = EncryptedConnection.accept(connection, handler, { random: w.random, secrets });
      accepted.push(encrypted);
      encrypted.data(it, data);
    },
    closed: () => {},
  }));
  return accepted;
}

/** Hears all, and says some of its own bytes each time that it does. */
class Talker extends RawPeer {
  readonly #says: Uint8Array[];

  constructor(w: World, says: readonly Uint8Array[]) {
    super(w.clock);
    this.#says = [...says];
  }

  override connected(connection: Connection): void {
    super.connected(connection);
    this.#speak(connection);
  }

  override data(connection: Connection, data: Uint8Array): void {
    super.data(connection, data);
    this.#speak(connection);
  }

  #speak(connection: Connection): void {
    for (const data of this.#says.splice(0, 3)) connection.write(data.slice());
  }
}

describe('an encrypted connection', () => {
  test.each(['preferred', 'required'] as const)('carries what either side says, %s', async (policy) => {
    const w = world(7);
    const lengths = [68, 1, 70_000, 17, 300_000, 13, 16_384, 2];
    const said = [0, 1].map(() => lengths.map((length) => w.random.bytes(length)));
    const here = new Talker(w, said[0]!);
    const there = new Talker(w, said[1]!);
    const accepted = await accept(w, there);
    const dialled = dial(w, here, policy);
    await w.clock.advance(60_000);
    const kind = policy === 'required' ? 'rc4' : 'header';
    expect([dialled.encryption, accepted[0]?.encryption]).toEqual([kind, kind]);
    const all = (data: readonly Uint8Array[]): string => data.map(toHex).join('');
    // Both say more each time that they hear something, which is often enough for all.
    expect(there.received === all(said[0]!)).toBe(true);
    expect(here.received === all(said[1]!)).toBe(true);
    expect([dialled.queued, dialled.outgoing, accepted[0]!.outgoing]).toEqual([0, true, false]);
  });

  test('sends what is written at once along with its offer: one round trip more than plain text', async () => {
    const w = world();
    const there = new Talker(w, []);
    await accept(w, there);
    dial(w, new Talker(w, [Uint8Array.of(1, 2, 3)]));
    await w.clock.advance(10_000);
    // 20 ms to be established, as many for its key to come back in answer to ours, and 10 for the offer.
    expect([there.received, there.times]).toEqual(['010203', [50]]);
  });

  test.each<readonly [string, InfoHash, 'preferred' | 'required', Parameters<typeof bookOf>]>([
    ['another torrent', 'cd'.repeat(20) as InfoHash, 'preferred', []],
    ['a torrent without encryption', HASH, 'preferred', ['off']],
  ])('closes where the other side has %s', async (_, hash, policy, book) => {
    const w = world();
    const here = new Talker(w, [Uint8Array.of(1)]);
    const there = new Talker(w, []);
    await accept(w, there, bookOf(...book));
    dial(w, here, policy, hash);
    await w.clock.advance(10_000);
    expect([here.reason?.kind, there.reason]).toEqual(['remote', { kind: 'error', code: 'EPROTO' }]);
    expect(there.received).toBe('');
  });

  test('closes with an error where the other side says what is no handshake', async () => {
    const w = world();
    const raw = new RawPeer(w.clock);
    await w.far.listen({ port: REMOTE.port, ...TIMES }, (connection) => {
      connection.write(new Uint8Array(1000).fill(9));
      return raw;
    });
    const here = new Talker(w, []);
    dial(w, here);
    await w.clock.advance(10_000);
    expect(here.reason).toEqual({ kind: 'error', code: 'EPROTO' });
    expect(raw.reason).toEqual({ kind: 'remote' });
  });

  test('tells of a dial that fails, and of an end before the sides agreed', async () => {
    const w = world();
    const here = new Talker(w, []);
    dial(w, here);
    await w.clock.advance(1_000);
    expect(here.reason).toEqual({ kind: 'error', code: 'ECONNREFUSED' });
    await accept(w, new Talker(w, []));
    const destroyed = new Talker(w, []);
    dial(w, destroyed).destroy();
    await w.clock.advance(1_000);
    expect([destroyed.reason, destroyed.connection]).toEqual([{ kind: 'local' }, undefined]);
  });

  test('dials again where the secret is one that old libtorrents get wrong, and nobody hears of it', async () => {
    const w = world(3);
    const connections: Connection[] = [];
    const heard: string[] = [];
    await w.far.listen({ port: REMOTE.port, ...TIMES }, (connection) => {
      const number = connections.push(connection) - 1;
      heard.push('');
      return {
        data: (it, data) => {
          const before = heard[number]!.length;
          heard[number] += toHex(data);
          if (before >= 2 * KEY_LENGTH || heard[number]!.length < 2 * KEY_LENGTH) return;
          const theirs = fromHex(heard[number]!.slice(0, 2 * KEY_LENGTH))!;
          // The first has such a secret, the second has none.
          let keys = KeyPair.make(w.random);
          while ((keys.secret(theirs)?.[0] === 0) !== (number === 0)) keys = KeyPair.make(w.random);
          it.write(keys.publicKey.slice());
        },
        closed: () => heard.push('closed'),
      };
    });
    const here = new Talker(w, [Uint8Array.of(1, 2, 3)]);
    const connection = dial(w, here);
    await w.clock.advance(10_000);
    expect(connections).toHaveLength(2);
    expect([here.reason, connection.queued]).toEqual([undefined, 0]);
    expect(heard[1]!.length / 2).toBeGreaterThan(KEY_LENGTH + 40);
    connection.destroy();
    await w.clock.advance(1_000);
    expect(here.reason).toEqual({ kind: 'local' });
  });
});
