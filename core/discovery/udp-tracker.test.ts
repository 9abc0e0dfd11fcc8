import { describe, expect, it } from 'vitest';
import { concatBytes, readU16, readU32, toHex, writeU32 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import type { InfoHashV1, PeerId } from '../base/ids.ts';
import type { DatagramHandler } from '../ports/datagram.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import type { AnnounceRequest, AnnounceResult } from './announce.ts';
import { UdpExchanges } from './udp-exchanges.ts';
import { UdpTracker } from './udp-tracker.ts';

const request: AnnounceRequest = {
  infoHash: 'aa'.repeat(20) as InfoHashV1,
  peerId: 'bb'.repeat(20) as PeerId,
  key: 7,
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  numWant: 50,
};
const ID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

interface Heard {
  readonly at: number;
  readonly action: number;
  readonly transaction: number;
  readonly data: Uint8Array;
  readonly from: Endpoint;
}

/** What a tracker says to one packet, transaction id left to `reply`; undefined: nothing. */
type Script = (heard: Heard, reply: (action: number, body: Uint8Array, transaction?: number) => void) => void;

const announceBody = (interval: number): Uint8Array => {
  const body = new Uint8Array(18).fill(0);
  writeU32(body, 0, interval);
  body.set([10, 9, 9, 9, 0, 80], 12);
  return body;
};
const obliging: Script = (heard, reply) => {
  if (heard.action === 0) reply(0, ID);
  else reply(1, announceBody(1800));
};

async function setUp(script: Script, options: { host?: string; address?: string; clients?: string[] } = {}) {
  const clock = new VirtualClock();
  const random = new SeededRandom(5);
  const net = new SimNet(clock, random);
  const server = net.host(['10.0.0.1', '10.0.0.2', '2001:db8::1']);
  const client = net.host(options.clients ?? ['10.0.1.1', '10.0.1.2', '2001:db8::2']);
  net.name('tracker.example', ['10.0.0.1', '2001:db8::1']);
  const heard: Heard[] = [];
  const sockets = new Map<number, Awaited<ReturnType<typeof server.datagram>>>();
  const open = async (family: 4 | 6, localAddress: string): Promise<number> => {
    const received = (data: Uint8Array, fromHost: string, fromPort: number): void => {
      const from = { host: fromHost, port: fromPort };
      const entry = { at: clock.now(), action: readU32(data, 8), transaction: readU32(data, 12), data, from };
      heard.push(entry);
      script(entry, (action, body, transaction = entry.transaction) => {
        const head = new Uint8Array(8);
        writeU32(head, 0, action);
        writeU32(head, 4, transaction);
        socket.send(concatBytes(head, body), fromHost, fromPort);
      });
    };
    const socket = await server.datagram({ family, localAddress }, { received });
    sockets.set(socket.local.port, socket);
    return socket.local.port;
  };
  const port = await open(4, '10.0.0.1');
  const port6 = await open(6, '2001:db8::1');
  const local = options.address;
  const families = local === undefined ? ([4, 6] as const) : [local.includes(':') ? (6 as const) : (4 as const)];
  const own = await Promise.all(
    families.map(async (family) => {
      const handler: DatagramHandler = {
        received: (...came) => udp.received(...came),
        failed: (...refused) => udp.failed(...refused),
      };
      const bound = local === undefined ? {} : { localAddress: local };
      return [family, await client.datagram({ family, ...bound }, handler)] as const;
    }),
  );
  const udp: UdpExchanges = new UdpExchanges((data, to, toPort) =>
    own.find(([family]) => family === (to.includes(':') ? 6 : 4))?.[1].send(data, to, toPort),
  );
  const tracker = (at = port): UdpTracker =>
    new UdpTracker({
      ports: { clock, random, net: client },
      udp,
      host: options.host ?? '10.0.0.1',
      port: at,
      urlData: new TextEncoder().encode('/announce'),
      ...(options.address !== undefined && { address: options.address }),
    });
  const abort = new AbortController();
  const announce = (t: UdpTracker, total?: number, more: Partial<AnnounceRequest> = {}): Promise<AnnounceResult> =>
    t.announce({ ...request, ...more }, { signal: abort.signal, ...(total !== undefined && { total: millis(total) }) });
  return { clock, server, client, heard, port, port6, tracker, announce, abort };
}

describe('UdpTracker', () => {
  it('connects, then announces with the id that it was given', async () => {
    const s = await setUp(obliging);
    const result = await s.clock.resolve(s.announce(s.tracker()));
    expect(result).toMatchObject({ kind: 'answer', interval: 1_800_000, peers: [{ host: '10.9.9.9', port: 80 }] });
    expect(s.heard.map((h) => h.action)).toEqual([0, 1]);
    expect(s.heard[0]?.transaction).not.toBe(s.heard[1]?.transaction);
    expect(toHex(s.heard[1]!.data.subarray(0, 8))).toBe(toHex(ID));
    expect(readU16(s.heard[1]!.data, 96)).toBe(6881);
    expect(new TextDecoder().decode(s.heard[1]!.data.subarray(100))).toBe('/announce');
  });

  it('uses a connection id for a minute', async () => {
    const s = await setUp(obliging);
    const tracker = s.tracker();
    await s.clock.resolve(s.announce(tracker));
    await s.clock.advance(59_000);
    await s.clock.resolve(s.announce(tracker, undefined, { event: 'completed' }));
    expect(s.heard.map((h) => h.action)).toEqual([0, 1, 1]);
    await s.clock.advance(1_000);
    await s.clock.resolve(s.announce(tracker));
    expect(s.heard.map((h) => h.action)).toEqual([0, 1, 1, 0, 1]);
    expect(s.clock.pending).toBe(0);
  });

  it.each([
    ['connect', () => {}, [0, 15, 45], 1],
    ['announce', (heard, reply) => heard.action === 0 && reply(0, ID), [0, 0, 15, 45], 2],
  ] satisfies [string, Script, number[], number][])(
    'retransmits %s after 15 s * 2^n, with one transaction id, and gives up before the user does',
    async (_, script, times, transactions) => {
      const s = await setUp(script);
      await expect(s.clock.resolve(s.announce(s.tracker()), 10_000_000)).rejects.toThrow(/does not answer/);
      expect(s.heard.map((h) => h.at / 1000)).toEqual(times);
      expect(new Set(s.heard.map((h) => h.transaction)).size).toBe(transactions);
      expect(s.clock.now()).toBe(105_000);
      expect(s.clock.pending).toBe(0);
    },
  );

  it('connects anew at once where the tracker has forgotten its connection id', async () => {
    let id = 1;
    const s = await setUp((heard, reply) => {
      if (heard.action === 0) reply(0, new Uint8Array(8).fill(id));
      else if (heard.data[0] === id) reply(1, announceBody(1800));
      else reply(3, new TextEncoder().encode('Connection ID missmatch.'));
    });
    const tracker = s.tracker();
    await s.clock.resolve(s.announce(tracker));
    id = 2;
    expect((await s.clock.resolve(s.announce(tracker))).kind).toBe('answer');
    expect(s.heard.map((h) => h.action)).toEqual([0, 1, 1, 0, 1]);
  });

  it('asks for the numbers of many torrents at a time', async () => {
    const s = await setUp((heard, reply) => {
      if (heard.action === 0) return reply(0, ID);
      // It knows two of three.
      const body = new Uint8Array(24);
      body.set([0, 0, 0, heard.data[16]!, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, heard.data[36]!, 0, 0, 0, 9, 0, 0, 0, 6]);
      reply(2, body);
    });
    const hashes = ['01', '02', '03'].map((hash) => hash.repeat(20) as InfoHashV1);
    const { signal } = s.abort;
    expect(await s.clock.resolve(s.tracker().scrape(hashes, { signal }))).toEqual({
      counts: [{ seeds: 1, leechers: 5 }, { seeds: 2, leechers: 6 }, undefined],
    });
    expect(s.heard.map((h) => [h.action, h.data.length])).toEqual([
      [0, 16],
      [2, 76],
    ]);
  });

  it('fails to ask for numbers where the tracker refuses', async () => {
    const s = await setUp((heard, reply) =>
      heard.action === 0 ? reply(0, ID) : reply(3, new TextEncoder().encode('no')),
    );
    const asked = s.tracker().scrape(['01'.repeat(20) as InfoHashV1], { signal: s.abort.signal });
    await expect(s.clock.resolve(asked)).rejects.toThrow('no');
  });

  it.each([
    [60_000, [0, 15, 45]],
    [3_000, [0, 1]],
  ])('within %i ms sends at %j s and gives up in time', async (total, times) => {
    const s = await setUp(() => {});
    await expect(s.clock.resolve(s.announce(s.tracker(), total))).rejects.toThrow(/does not answer/);
    expect(s.heard.map((h) => h.at / 1000)).toEqual(times);
    expect(s.clock.now()).toBe(total);
  });

  it('takes a late answer to the first of two transmissions', async () => {
    const late: (() => void)[] = [];
    const s = await setUp((heard, reply) => {
      if (heard.action === 1) reply(1, announceBody(60));
      else if (heard.at === 0) late.push(() => reply(0, ID));
      else late.forEach((answer) => answer());
    });
    expect((await s.clock.resolve(s.announce(s.tracker()))).kind).toBe('answer');
    expect(s.heard.map((h) => [h.at, h.action])).toEqual([
      [0, 0],
      [15_000, 0],
      [15_000, 1],
    ]);
  });

  it('passes over answers with another transaction id or action', async () => {
    const s = await setUp((heard, reply) => {
      reply(heard.action === 0 ? 1 : 0, announceBody(9999));
      reply(heard.action, heard.action === 0 ? ID.map((b) => b ^ 0xff) : announceBody(9999), heard.transaction ^ 1);
      reply(3, new TextEncoder().encode('forged'), heard.transaction + 1);
      obliging(heard, reply);
    });
    expect(await s.clock.resolve(s.announce(s.tracker()))).toMatchObject({ kind: 'answer', interval: 1_800_000 });
    expect(toHex(s.heard[1]!.data.subarray(0, 8))).toBe(toHex(ID));
  });

  it('speaks with several trackers through one socket, and gives each the answer to its own question', async () => {
    const s = await setUp((heard, reply) => {
      if (heard.action === 0) reply(0, ID);
      else reply(1, announceBody(heard.data[16]! * 60));
    });
    const hashes = ['1e', '2d', '3c'];
    const results = hashes.map((hash) => s.announce(s.tracker(), 3_000, { infoHash: hash.repeat(20) as InfoHashV1 }));
    const answers = await s.clock.resolve(Promise.all(results));
    expect(answers).toMatchObject(hashes.map((hash) => ({ interval: Number.parseInt(hash, 16) * 60_000 })));
    expect(new Set(s.heard.map((h) => h.from.port)).size).toBe(1);
  });

  it('passes over answers that come from elsewhere', async () => {
    const s = await setUp((heard) => {
      void (async () => {
        const other = await s.server.datagram({ family: 4, localAddress: '10.0.0.2' }, { received: () => {} });
        const packet = concatBytes(new Uint8Array(8), ID);
        writeU32(packet, 4, heard.transaction);
        other.send(packet, heard.from.host, heard.from.port);
      })();
    });
    await expect(s.clock.resolve(s.announce(s.tracker(), 3_000))).rejects.toThrow(/does not answer/);
    expect(s.heard.every((h) => h.action === 0)).toBe(true);
  });

  it('hears a refusal and connects anew the next time', async () => {
    const s = await setUp((heard, reply) => {
      if (heard.action === 0) reply(0, ID);
      else reply(3, new TextEncoder().encode('unknown torrent'));
    });
    const tracker = s.tracker();
    expect(await s.clock.resolve(s.announce(tracker))).toEqual({ kind: 'refusal', reason: 'unknown torrent' });
    await s.clock.resolve(s.announce(tracker));
    expect(s.heard.map((h) => h.action)).toEqual([0, 1, 0, 1]);
  });

  it.each([
    ['IPv4', '10.0.1.2', 'port'],
    ['IPv6', '2001:db8::2', 'port6'],
  ] as const)('bound to an %s address it leaves from there, to an address of that family', async (_, address, port) => {
    const s = await setUp(obliging, { host: 'tracker.example', address });
    await s.clock.resolve(s.announce(s.tracker(s[port])));
    expect(s.heard.map((h) => h.from.host)).toEqual([address, address]);
  });

  it('fails where the bound address is gone, or the tracker has none of its family', async () => {
    const s = await setUp(obliging, { address: '10.0.1.1' });
    s.client.link('10.0.1.1').present = false;
    await expect(s.clock.resolve(s.announce(s.tracker()))).rejects.toMatchObject({ code: 'network' });
    expect(s.clock.now()).toBe(0);
    const t = await setUp(obliging, { address: '2001:db8::2' });
    await expect(t.clock.resolve(t.announce(t.tracker()))).rejects.toThrow(/no IPv6 address/);
    expect([...s.heard, ...t.heard]).toEqual([]);
  });

  it('tries all addresses of the host, and begins with the one that answered', async () => {
    const s = await setUp(obliging, { host: 'tracker.example' });
    const tracker = s.tracker(s.port6);
    expect((await s.clock.resolve(s.announce(tracker, 60_000))).kind).toBe('answer');
    expect(s.clock.now()).toBe(3_000);
    tracker.close();
    expect((await s.clock.resolve(s.announce(tracker, 60_000))).kind).toBe('answer');
    expect(s.clock.now()).toBe(3_000);
    expect(s.clock.pending).toBe(0);
  });

  it('passes over addresses that the system cannot send to at once', async () => {
    const s = await setUp(obliging, { host: 'tracker.example', clients: ['2001:db8::2'] });
    expect((await s.clock.resolve(s.announce(s.tracker(s.port6), 60_000))).kind).toBe('answer');
    expect(s.clock.now()).toBeLessThan(3_000);
  });

  it('stops when told to, and leaves no timer', async () => {
    const s = await setUp(() => {});
    const stopped = expect(s.announce(s.tracker())).rejects.toMatchObject({ code: 'interrupted' });
    await s.clock.advance(1_000);
    s.abort.abort();
    await stopped;
    expect(s.clock.pending).toBe(0);
  });
});
