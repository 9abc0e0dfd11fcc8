import { describe, expect, test } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import type { BencodeDict } from '../bencode/bencode.ts';
import { compactEndpoint } from './compact.ts';
import { type NodeId } from './node-id.ts';
import { isSecureId } from './secure-id.ts';
import { Scene, type Sent, hostOf, idOf, nodesOf, text } from './testing/scene.ts';

const args = (sent: Sent): BencodeDict => sent.message['a'] as BencodeDict;

describe('joining', () => {
  test('by way of what it kept, looking for its own id; without find_node', async () => {
    const saved = { version: 1, family: 4, id: '5a'.repeat(20), nodes: ['60.1.1.1:80', '60.2.1.1:80'] } as const;
    let routers = 0;
    const scene = new Scene({ saved, bootstrap: () => (routers++, Promise.resolve([])) });
    scene.node.start();
    await scene.clock.advance(100);
    const sent = scene.take();
    expect(sent.map(({ host, message }) => [host, text(message['q'])])).toEqual([
      ['60.1.1.1', 'get_peers'],
      ['60.2.1.1', 'get_peers'],
    ]);
    expect(
      sent.map((one) =>
        Buffer.from(args(one)['info_hash'] as Uint8Array)
          .toString('hex')
          .slice(0, 32),
      ),
    ).toEqual(['5a'.repeat(16), '5a'.repeat(16)]);
    expect(args(sent[0] as Sent)).toMatchObject({ bs: 1, id: fromHex(saved.id) });
    expect(routers).toBe(0);
    expect(scene.node.status().state).toBe('joining');
    for (const [i, one] of sent.entries()) scene.reply(one, { id: idOf(`5${i}`), nodes: new Uint8Array(0) });
    await scene.clock.advance(1000);
    expect(scene.node.status()).toMatchObject({ state: 'joined', nodes: { good: 2 } });
    // It knows too few for a network: well-known nodes are asked as well.
    expect(routers).toBe(1);
  });

  test('by well-known nodes where it knows nobody, or nobody of those answers', async () => {
    for (const nodes of [[], ['60.1.1.1:80']]) {
      const saved = { version: 1, family: 4, id: '5a'.repeat(20), nodes } as const;
      const scene = new Scene({
        saved,
        bootstrap: () =>
          Promise.resolve([
            { host: '70.1.1.1', port: 6881 },
            { host: '2001:db9::1', port: 1 },
          ]),
      });
      scene.node.start();
      await scene.clock.advance(5000);
      const asked = scene.take().filter(({ host }) => host !== '60.1.1.1');
      expect(asked.map(({ host }) => host)).toEqual(['70.1.1.1']);
      expect(args(asked[0] as Sent)['bs']).toBe(1);
    }
  });

  test('many kept nodes that are all gone do not keep the well-known ones waiting', async () => {
    const nodes = Array.from({ length: 200 }, (_, n) => `60.${n}.1.1:80`);
    const saved = { version: 1, family: 4, id: '5a'.repeat(20), nodes } as const;
    const scene = new Scene({ saved, bootstrap: () => Promise.resolve([{ host: '70.1.1.1', port: 6881 }]) });
    scene.node.start();
    await scene.clock.advance(6000);
    const sent = scene.take();
    expect(sent.map(({ host }) => host)).toContain('70.1.1.1');
    expect(sent.length).toBeLessThan(40);
  });

  test('by the first node that a peer names, where nobody else is known', async () => {
    const scene = new Scene();
    scene.node.start();
    const search = scene.node.search(idOf('00'), { found() {} });
    await scene.clock.advance(40_000);
    scene.node.heardOf({ host: '60.1.1.1', port: 80 });
    for (let i = 0; i < 60; i++) {
      await scene.clock.advance(200);
      for (const sent of scene.take()) scene.reply(sent, { id: idOf('11') });
    }
    expect(await scene.clock.resolve(search.done)).toMatchObject({ nodes: 1 });
    expect(scene.node.status().state).toBe('joined');
  });

  test.each([['router.example'], ['2001:db9::1'], ['fe80::1%eth0'], ['']])(
    'not by %s, which is no address of its family',
    async (host) => {
      const scene = new Scene();
      scene.node.start();
      scene.node.heardOf({ host, port: 80 });
      for (const port of [0, 65_536, -1]) scene.node.heardOf({ host: '1.2.3.4', port });
      await scene.clock.advance(60_000);
      expect(scene.take()).toEqual([]);
    },
  );

  test('names that cannot be looked up are tried again, not for ever at once', async () => {
    let tries = 0;
    const scene = new Scene({ bootstrap: () => (tries++, Promise.reject(new Error('no network'))) });
    scene.node.start();
    await scene.clock.advance(10 * 60_000);
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThanOrEqual(11);
    await scene.clock.advance(24 * 3_600_000);
    expect(tries).toBeLessThan(800);
    scene.node.stop();
    expect(scene.clock.pending).toBe(0);
  });

  test.each([
    ['silent', () => Promise.resolve([{ host: '10.1.1.1', port: 6881 }])],
    ['not to be looked up', () => Promise.reject(new Error('no network'))],
  ])('routers that are %s are tried every few minutes, however long the way out is shut', async (_, bootstrap) => {
    let lastAt = 0;
    let gap = 0;
    const scene: Scene = new Scene({
      bootstrap: () => {
        const now = scene.clock.now();
        gap = Math.max(gap, now - lastAt);
        lastAt = now;
        return bootstrap();
      },
    });
    scene.node.start();
    for (let second = 0; second < 3600; second++) await scene.clock.advance(1000);
    expect(gap).toBeLessThan(180_000);
    expect(scene.take().length).toBeLessThan(40);
  });

  test('where a way has come it asks the routers at once, however lately it did so in vain', async () => {
    let isOpen = false;
    const scene: Scene = new Scene({
      bootstrap: () => (isOpen ? Promise.resolve([{ host: '70.1.1.1', port: 6881 }]) : Promise.reject(new Error('no'))),
    });
    scene.node.start();
    for (let second = 0; second < 60; second++) {
      await scene.clock.advance(1000);
      isOpen = true;
      scene.node.moved();
      await scene.clock.advance(500);
      expect(scene.take().length, `${second}`).toBeGreaterThan(0);
      isOpen = false;
    }
  });

  test('the other family hears of its nodes', async () => {
    const heard: string[] = [];
    const sibling = {
      closestNodes: () => new Uint8Array(0),
      heardOf: ({ host }: { host: string }) => void heard.push(host),
    };
    const saved = { version: 1, family: 4, id: '5a'.repeat(20), nodes: ['60.1.1.1:80'] } as const;
    const scene = new Scene({ saved, sibling: () => sibling });
    scene.node.start();
    await scene.clock.advance(100);
    const [sent] = scene.take();
    expect((args(sent as Sent)['want'] as Uint8Array[]).map(text)).toEqual(['n4', 'n6']);
    const nodes6 = nodesOf([{ id: idOf('11'), n: 1 }], 6);
    scene.reply(sent as Sent, { id: idOf('50'), nodes6 });
    // Somebody in the internet may not send us into a private network.
    expect(heard).toEqual([]);
    nodes6.set([0x20, 1, 0x0d, 0xb9], 20);
    scene.node.moved();
    await scene.clock.advance(100);
    const again = scene.take().find(({ message }) => args({ message } as Sent)['want'] !== undefined);
    scene.reply(again as Sent, { id: idOf('50'), nodes6 });
    expect(heard).toEqual(['2001:db9::1']);
  });
});

describe('its id', () => {
  async function votes(scene: Scene, address: string, from: number, count: number): Promise<void> {
    for (let i = from; i < from + count; i++) {
      scene.node.heardOf({ host: `50.${i}.1.1`, port: 80 });
      await scene.clock.advance(600);
      for (const sent of scene.take())
        scene.reply(
          sent,
          { id: idOf(i.toString(16).padStart(4, '7')) },
          { ip: compactEndpoint(address, 9) as Uint8Array },
        );
    }
  }

  test('follows from the address that others agree on, and stays while that fits', async () => {
    const scene = new Scene();
    scene.node.start();
    await votes(scene, '45.1.2.3', 0, 8);
    const { id, externalAddress } = scene.node.status();
    expect(externalAddress).toBe('45.1.2.3');
    expect(isSecureId(fromHex(id) as NodeId, '45.1.2.3')).toBe(true);
    await votes(scene, '45.1.2.3', 20, 8);
    expect(scene.node.status().id).toBe(id);
    expect(scene.node.status().nodes.good).toBeGreaterThan(5);
    // The next run begins with it, and keeps it.
    const next = new Scene({ saved: scene.node.save() });
    next.node.start();
    await votes(next, '45.1.2.3', 0, 8);
    expect(next.node.status().id).toBe(id);
    // Another address in another place.
    next.node.moved();
    expect(next.node.status().externalAddress).toBeUndefined();
    await votes(next, '46.1.2.3', 40, 8);
    expect(isSecureId(fromHex(next.node.status().id) as NodeId, '46.1.2.3')).toBe(true);
    // It does not change twice in a short time, whatever others say, and does in the end.
    await votes(scene, '47.1.2.3', 100, 40);
    expect(scene.node.status()).toMatchObject({ id, externalAddress: '47.1.2.3' });
    await scene.clock.advance(10 * 60_000);
    expect(isSecureId(fromHex(scene.node.status().id) as NodeId, '47.1.2.3')).toBe(true);
  });
});

describe('a search', () => {
  test('asks nearer and nearer nodes, gives peers as they come, then announces with each token', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let n = 1; n <= 3; n++) await scene.befriend(n, idOf(`f${n}`));
    const batches: string[][] = [];
    const search = scene.node.search(idOf('00'), {
      announce: { port: 7000, seed: true },
      found: (peers) => batches.push(peers.map(({ host }) => host)),
    });
    const announces: Sent[] = [];
    for (let i = 0; i < 100; i++) {
      await scene.clock.advance(200);
      for (const sent of scene.take()) {
        const n = Array.from({ length: 40 }, (_, k) => k).find((k) => hostOf(k) === sent.host) ?? 0;
        const id = n <= 3 ? idOf(`f${n}`) : idOf((0x100 - n).toString(16).padStart(4, '0'));
        if (text(sent.message['q']) === 'announce_peer') {
          announces.push(sent);
          scene.reply(sent, { id });
          continue;
        }
        const nodes = nodesOf(
          [n * 2 + 4, n * 2 + 5]
            .filter((k) => k < 40)
            .map((k) => ({ n: k, id: idOf((0x100 - k).toString(16).padStart(4, '0')) })),
        );
        // A seed wants no other seeds.
        if ((args(sent)['info_hash'] as Uint8Array).every((byte) => byte === 0)) expect(args(sent)['noseed']).toBe(1);
        const values = n > 30 ? [Uint8Array.of(60, 1, 1, n, 0, 80), Uint8Array.of(60, 1, 1, 1, 0, 80)] : [];
        scene.reply(sent, { id, nodes, token: `t${n}`, values });
      }
    }
    const result = await scene.clock.resolve(search.done);
    expect(result).toMatchObject({ announced: 8, peers: new Set(batches.flat()).size });
    expect(batches.flat()).toHaveLength(result.peers);
    expect(result.queries).toBeLessThan(60);
    for (const sent of announces) {
      const n = Array.from({ length: 40 }, (_, k) => k).find((k) => hostOf(k) === sent.host);
      expect([text(args(sent)['token']), args(sent)['port'], args(sent)['seed'], args(sent)['implied_port']]).toEqual([
        `t${n}`,
        7000,
        1,
        undefined,
      ]);
    }
  });

  test('takes 2,000 peers, however many it is told of', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let n = 1; n <= 3; n++) await scene.befriend(n, idOf(`f${n}`));
    let found = 0;
    const search = scene.node.search(idOf('00'), { found: (peers) => (found += peers.length) });
    for (let i = 0; i < 100; i++) {
      await scene.clock.advance(200);
      for (const sent of scene.take()) {
        const n = Array.from({ length: 60 }, (_, k) => k).find((k) => hostOf(k) === sent.host) ?? 0;
        const id = n <= 3 ? idOf(`f${n}`) : idOf((0x100 - n).toString(16).padStart(4, '0'));
        const next = [n + 1, n + 2].filter((k) => k > 3 && k < 60);
        const nodes = nodesOf(next.map((k) => ({ n: k, id: idOf((0x100 - k).toString(16).padStart(4, '0')) })));
        const values = Array.from({ length: 150 }, (_, k) => Uint8Array.of(60, 1, n, k, 0, 80));
        scene.reply(sent, { id, nodes, values });
      }
    }
    expect((await scene.clock.resolve(search.done)).peers).toBe(2000);
    expect(found).toBe(2000);
  });

  test('cancelled: nothing comes of it any more', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let n = 1; n <= 3; n++) await scene.befriend(n, idOf(`f${n}`));
    let found = 0;
    const search = scene.node.search(idOf('00'), { found: () => found++ });
    await scene.clock.advance(300);
    const sent = scene
      .take()
      .filter(({ message }) =>
        Buffer.from(args({ message } as Sent)['info_hash'] as Uint8Array).every((byte) => byte === 0),
      );
    expect(sent.length).toBeGreaterThan(0);
    search.cancel();
    search.cancel();
    for (const one of sent) scene.reply(one, { id: idOf('f1'), values: [Uint8Array.of(60, 1, 1, 1, 0, 80)] });
    expect(await scene.clock.resolve(search.done)).toMatchObject({ peers: 0, announced: 0 });
    expect(found).toBe(0);
    await scene.clock.advance(1000);
    expect(scene.node.status().searches).toBe(0);
  });

  test('many wait for their turn; a node that stops ends them all', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let n = 1; n <= 3; n++) await scene.befriend(n, idOf(`f${n}`));
    const searches = Array.from({ length: 40 }, (_, n) =>
      scene.node.search(idOf(n.toString(16).padStart(2, '0')), { found() {} }),
    );
    await scene.clock.advance(300);
    expect(scene.node.status().searches).toBe(40);
    const hashes = new Set(
      scene.take().map((one) => Buffer.from((args(one)['info_hash'] as Uint8Array | undefined) ?? []).toString('hex')),
    );
    expect(hashes.size).toBeLessThan(15);
    scene.node.stop();
    for (const search of searches) expect((await scene.clock.resolve(search.done)).nodes).toBe(0);
    expect(scene.clock.pending).toBe(0);
    // Of a node that does not run there is nothing to be had.
    expect((await scene.clock.resolve(scene.node.search(idOf('00'), { found() {} }).done)).nodes).toBe(0);
    expect(scene.clock.pending).toBe(0);
  });

  test('nothing can be sent: it ends soon, and no node is to blame', async () => {
    const scene = new Scene({});
    scene.node.start();
    for (let n = 1; n <= 9; n++) await scene.befriend(n, idOf(`f${n}`));
    const before = scene.node.status().nodes.good;
    const search = scene.node.search(idOf('00'), { found() {} });
    for (let i = 0; i < 20; i++) {
      await scene.clock.advance(200);
      for (const { host, port } of scene.take()) scene.node.failed('ENETUNREACH', host, port);
    }
    expect(await scene.clock.resolve(search.done)).toMatchObject({ nodes: 0, peers: 0 });
    expect(scene.node.status().nodes.good).toBe(before);
  });
});

describe('upkeep', () => {
  test('a node that is full of nodes costs few messages', async () => {
    const scene = new Scene();
    scene.node.start();
    const ids = new Map<string, NodeId>();
    const answer = (): void => {
      for (const sent of scene.take()) {
        const id = ids.get(sent.host) ?? (scene.random.bytes(20) as NodeId);
        ids.set(sent.host, id);
        const nodes = Array.from({ length: 8 }, () => ({
          n: Math.floor(scene.random.uniform() * 3000),
          id: idOf('00'),
        })).map(({ n }) => {
          const host = hostOf(n);
          const known = ids.get(host) ?? (scene.random.bytes(20) as NodeId);
          ids.set(host, known);
          return { n, id: known };
        });
        scene.reply(sent, { id, nodes: nodesOf(nodes) });
      }
    };
    scene.node.heardOf({ host: hostOf(1), port: 6881 });
    for (let i = 0; i < 3000; i++) {
      await scene.clock.advance(1000);
      answer();
    }
    expect(scene.node.status().nodes.good).toBeGreaterThan(150);
    const before = scene.node.status().sent.messages;
    for (let i = 0; i < 3600; i++) {
      await scene.clock.advance(1000);
      answer();
    }
    expect(scene.node.status().sent.messages - before).toBeLessThan(900);
    const saved = scene.node.save();
    expect(saved.nodes).toHaveLength(200);
    expect(scene.clock.pending).toBe(1);
  });

  test('a stopped node does nothing, and may be started again', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let n = 1; n <= 9; n++) await scene.befriend(n, idOf(`f${n}`));
    scene.node.stop();
    scene.node.stop();
    expect(scene.ask('ping', { id: idOf('e0') }, '1.2.3.4')).toBeUndefined();
    scene.node.heardOf({ host: '1.2.3.4', port: 80 });
    await scene.clock.advance(3_600_000);
    expect(scene.take()).toEqual([]);
    expect(scene.node.status()).toMatchObject({ state: 'stopped', nodes: { good: 0, questionable: 9 } });
    scene.node.start();
    await scene.clock.advance(1000);
    expect(scene.take().length).toBeGreaterThan(3);
  });
});
