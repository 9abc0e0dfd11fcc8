import { describe, expect, test } from 'vitest';
import type { BencodeDict, BencodeInput } from '../bencode/bencode.ts';
import { encode } from '../bencode/bencode.ts';
import { compactEndpoint } from './compact.ts';
import { Scene, hostOf, idOf, nodesOf, text } from './testing/scene.ts';

const ID = idOf('e0');
const HASH = idOf('77');

async function started(options: ConstructorParameters<typeof Scene>[0] = {}): Promise<Scene> {
  const scene = new Scene(options);
  scene.node.start();
  await scene.clock.settle();
  return scene;
}

const body = (answer: BencodeDict | undefined): BencodeDict => (answer?.['r'] ?? {}) as BencodeDict;
const code = (answer: BencodeDict | undefined): unknown => (answer?.['e'] as BencodeInput[] | undefined)?.[0];

/** Asks for peers, and announces with the token that comes. */
function announce(
  scene: Scene,
  host: string,
  a: { readonly [key: string]: BencodeInput | undefined },
): BencodeDict | undefined {
  const { token } = body(scene.ask('get_peers', { id: ID, info_hash: HASH }, host));
  return scene.ask('announce_peer', { id: ID, info_hash: HASH, token: token as Uint8Array, ...a }, host);
}

describe('what others ask', () => {
  test('every answer says who we are, and how we see the other', async () => {
    const scene = await started();
    const answer = scene.ask('ping', { id: ID }, '1.2.3.4', { port: 5555, t: 'any length of it' });
    expect(answer).toMatchObject({ ip: compactEndpoint('1.2.3.4', 5555), v: Uint8Array.of(0x45, 0x4e, 0, 1) });
    expect([text(answer?.['t']), text(answer?.['y'])]).toEqual(['any length of it', 'r']);
    expect(body(answer)['id']).toHaveLength(20);
  });

  test.each<readonly [string, string, BencodeInput, unknown]>([
    ['no id', 'ping', {}, 203],
    ['a short id', 'ping', { id: 'abc' }, 203],
    ['an id that is a number', 'ping', { id: 5 }, 203],
    ['arguments that are none', 'ping', [], 203],
    ['no target', 'find_node', { id: ID }, 203],
    ['a target of 19 bytes', 'find_node', { id: ID, target: 'x'.repeat(19) }, 203],
    ['no hash', 'get_peers', { id: ID }, 203],
    ['a hash of 32 bytes', 'get_peers', { id: ID, info_hash: 'x'.repeat(32) }, 203],
    ['an announce without a token', 'announce_peer', { id: ID, info_hash: HASH, port: 80 }, 203],
    ['an announce with any token', 'announce_peer', { id: ID, info_hash: HASH, port: 80, token: 'abcdefgh' }, 203],
    ['an announce of nothing', 'announce_peer', { id: ID, port: 80, token: 'abcdefgh' }, 203],
    ['a sample without a target', 'sample_infohashes', { id: ID }, 203],
    ['what nobody knows', 'vote', { id: ID, target: HASH }, 204],
    ['what is not ours', 'put', { id: ID, token: 'x', v: 'y' }, 204],
  ])('%s', async (_, method, args, expected) => {
    const scene = await started();
    const answer = scene.ask(method, args, '1.2.3.4');
    expect([text(answer?.['y']), code(answer)]).toEqual(['e', expected]);
    expect(answer?.['ip']).toHaveLength(6);
  });

  test('nodes nearest to the target', async () => {
    const scene = await started();
    for (let n = 1; n <= 12; n++) await scene.befriend(n, idOf((n * 16).toString(16).padStart(2, '0')));
    const { nodes } = body(scene.ask('find_node', { id: ID, target: idOf('00') }, '1.2.3.4'));
    expect(nodes).toEqual(
      nodesOf([1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ n, id: idOf((n * 16).toString(16).padStart(2, '0')) }))),
    );
    const answer = body(scene.ask('get_peers', { id: ID, info_hash: idOf('00') }, '1.2.3.4'));
    expect([answer['nodes'], answer['values'], (answer['token'] as Uint8Array).length]).toEqual([nodes, undefined, 8]);
  });

  test.each<readonly [string, { readonly [key: string]: BencodeInput | undefined }, string | undefined]>([
    ['its port', { port: 80 }, '1.2.3.4:80'],
    ['the port that it sends from', { port: 80, implied_port: 1 }, '1.2.3.4:6881'],
    ['its port, as nothing else is implied', { port: 80, implied_port: 0 }, '1.2.3.4:80'],
    ['nothing: no port is said', { implied_port: 1 }, undefined],
    ['nothing: port 0', { port: 0 }, undefined],
    ['nothing: port 65536', { port: 65_536 }, undefined],
    ['nothing: port -1', { port: -1 }, undefined],
    ['nothing: a port that is text', { port: '80' }, undefined],
    ['nothing: a token of another address', { port: 80, token: 'abcdefgh' }, undefined],
  ])('an announce keeps %s', async (_, args, kept) => {
    const scene = await started();
    expect(code(announce(scene, '1.2.3.4', args))).toBe(kept === undefined ? 203 : undefined);
    const { values = [] } = body(scene.ask('get_peers', { id: ID, info_hash: HASH }, '9.9.9.9'));
    expect(
      (values as Uint8Array[]).map((one) => `${one.subarray(0, 4).join('.')}:${(one[4] ?? 0) * 256 + (one[5] ?? 0)}`),
    ).toEqual(kept === undefined ? [] : [kept]);
  });

  test('a token that somebody else got is no use', async () => {
    const scene = await started();
    const { token } = body(scene.ask('get_peers', { id: ID, info_hash: HASH }, '1.2.3.4'));
    const args = { id: ID, info_hash: HASH, port: 80, token: token as Uint8Array };
    expect(code(scene.ask('announce_peer', args, '1.2.3.5'))).toBe(203);
    expect(code(scene.ask('announce_peer', { ...args, info_hash: idOf('78') }, '1.2.3.4'))).toBe(203);
    await scene.clock.advance(11 * 60_000);
    expect(code(scene.ask('announce_peer', args, '1.2.3.4'))).toBe(203);
    expect(scene.node.status().kept.torrents).toBe(0);
  });

  test('seeds are left out for seeds, and counted in filters', async () => {
    const scene = await started();
    announce(scene, '1.2.3.4', { port: 80, seed: 1 });
    announce(scene, '1.2.4.4', { port: 80 });
    const plain = body(scene.ask('get_peers', { id: ID, info_hash: HASH }, '9.9.9.9'));
    expect([(plain['values'] as unknown[]).length, plain['BFsd']]).toEqual([2, undefined]);
    const seeds = body(scene.ask('get_peers', { id: ID, info_hash: HASH, noseed: 1, scrape: 1 }, '9.9.9.9'));
    expect(
      [(seeds['values'] as unknown[]).length, seeds['BFsd'], seeds['BFpe']].map((one) =>
        one instanceof Uint8Array ? one.length : one,
      ),
    ).toEqual([1, 256, 256]);
    // Nothing is known of the torrent: no filters.
    expect(
      body(scene.ask('get_peers', { id: ID, info_hash: idOf('01'), scrape: 1 }, '9.9.9.9'))['BFsd'],
    ).toBeUndefined();
  });

  test('samples of what we have', async () => {
    const scene = await started();
    announce(scene, '1.2.3.4', { port: 80 });
    const answer = body(scene.ask('sample_infohashes', { id: ID, target: idOf('00') }, '9.9.9.9'));
    expect(answer).toMatchObject({ interval: 21_600, num: 1, samples: HASH, nodes: new Uint8Array(0) });
  });
});

describe('who is remembered', () => {
  test.each([
    ['who asks', undefined, 1],
    ['not who is read-only', 1, 0],
  ])('%s', async (_, ro, spare) => {
    const scene = await started();
    scene.ask('ping', { id: ID }, '1.2.3.4', { ro });
    expect(scene.node.status().nodes.spare).toBe(spare);
  });

  test('a read-only node asks with ro, and answers nobody', async () => {
    const scene = await started();
    scene.node.reachable(false);
    expect(scene.ask('ping', { id: ID }, '1.2.3.4')).toBeUndefined();
    scene.node.heardOf({ host: '1.2.3.5', port: 80 });
    await scene.clock.advance(2000);
    expect(scene.take().map(({ message }) => message['ro'])).toContain(1);
    scene.node.reachable(true);
    expect(scene.ask('ping', { id: ID }, '1.2.3.4')).toBeDefined();
  });
});

describe('sizes', () => {
  const rows = [4, 6].flatMap((family) =>
    [[], ['n4'], ['n6'], ['n4', 'n6'], ['n4', 'n6', 'n9']].flatMap((want) =>
      [0, 1].map((scrape) => ({ family: family as 4 | 6, want, scrape })),
    ),
  );
  test.each(rows)(
    'IPv$family, want $want, scrape $scrape: below 1,024 bytes, and as much as fits',
    async ({ family, want, scrape }) => {
      const other = nodesOf(
        Array.from({ length: 8 }, (_, n) => ({ n, id: idOf('01') })),
        family === 4 ? 6 : 4,
      );
      const scene = await started({ family, sibling: () => ({ closestNodes: () => other, heardOf() {} }) });
      for (let n = 1; n <= 12; n++) await scene.befriend(n, idOf((n * 16).toString(16).padStart(2, '0')));
      for (let n = 0; n < 150; n++) {
        announce(scene, hostOf(1000 + n, family), { port: 80 });
        if (n % 20 === 0) await scene.clock.advance(11_000);
      }
      await scene.clock.advance(11_000);
      scene.take();
      const asker = hostOf(5000, family);
      scene.raw(
        encode({ a: { id: ID, info_hash: HASH, want, scrape }, q: 'get_peers', t: 'x'.repeat(32), y: 'q' }),
        asker,
      );
      const sent = scene.take().find(({ host }) => host === asker);
      expect(sent?.size).toBeLessThanOrEqual(1024);
      const r = body(sent?.message);
      const own = family === 4 ? 'nodes' : 'nodes6';
      const theirs = family === 4 ? 'nodes6' : 'nodes';
      const wantsOwn = want.length === 0 || want.includes(`n${family}`);
      expect((r[own] as Uint8Array | undefined)?.length).toBe(wantsOwn ? 8 * (family === 4 ? 26 : 38) : undefined);
      if (scrape === 0) expect(r[theirs] !== undefined).toBe(want.includes(`n${family === 4 ? 6 : 4}`));
      expect(r['BFsd'] !== undefined).toBe(scrape === 1);
      const values = (r['values'] ?? []) as Uint8Array[];
      expect(values.every((one) => one.length === (family === 4 ? 6 : 18))).toBe(true);
      // Nothing more would have fitted.
      const most = family === 4 ? 100 : 25;
      expect(values.length === most || (sent?.size ?? 0) + (family === 4 ? 8 : 21) > 1024 - 60).toBe(true);
    },
  );
});
