import { describe, expect, test } from 'vitest';
import { type BencodeDict, type BencodeInput, encode } from '../bencode/bencode.ts';
import { compactEndpoint } from './compact.ts';
import type { NodeId } from './node-id.ts';
import { Scene, type Sent, hostOf, idOf, nodesOf, text } from './testing/scene.ts';

const HASH = idOf('00');
const friend = (n: number): NodeId => idOf((0x10 + n).toString(16));

/** A node that knows four others, which answer whatever a search asks of them as `answer` says. */
async function world(answer: (scene: Scene, sent: Sent, n: number) => void, announce?: { port: number }) {
  const scene = new Scene();
  scene.node.start();
  for (let n = 1; n <= 4; n++) await scene.befriend(n, friend(n));
  const found: string[] = [];
  const search = scene.node.search(HASH, {
    announce,
    found: (peers) => found.push(...peers.map(({ host, port }) => `${host}:${port}`)),
  });
  const asked: Sent[] = [];
  for (let i = 0; i < 200; i++) {
    await scene.clock.advance(200);
    for (const sent of scene.take()) {
      asked.push(sent);
      const n = [1, 2, 3, 4].find((one) => hostOf(one) === sent.host);
      if (n !== undefined) answer(scene, sent, n);
    }
  }
  const result = await scene.clock.resolve(search.done);
  return { scene, found, result, asked };
}

/** Whether a question is that of the search. */
const isFor = (message: BencodeDict, hash: NodeId): boolean => {
  const asked = (message['a'] as BencodeDict)['info_hash'];
  return asked instanceof Uint8Array && asked.every((byte, i) => byte === hash[i]);
};

const honest = (scene: Scene, sent: Sent, n: number): void =>
  scene.reply(sent, {
    id: friend(n),
    nodes: new Uint8Array(0),
    token: 'tok',
    values: [Uint8Array.of(60, 1, 1, n, 0, 80)],
  });

/** Node 1 does something, the others are as they should be. */
const only = (bad: (scene: Scene, sent: Sent) => void) =>
  world((scene, sent, n) => (n === 1 ? bad(scene, sent) : honest(scene, sent, n)), { port: 7000 });

describe('an answer that is not used', () => {
  test.each<readonly [string, (scene: Scene, sent: Sent) => void]>([
    ['from another port', (scene, sent) => scene.reply({ ...sent, port: 1 }, { id: friend(1), values: ['abcdef'] })],
    [
      'from another address',
      (scene, sent) => scene.reply({ ...sent, host: '9.9.9.9' }, { id: friend(1), values: ['abcdef'] }),
    ],
    [
      'with another transaction',
      (scene, sent) =>
        scene.reply({ ...sent, message: { t: Uint8Array.of(1, 2, 3) } }, { id: friend(1), values: ['abcdef'] }),
    ],
    ['of another node', (scene, sent) => scene.reply(sent, { id: idOf('33'), token: 'tok', values: ['abcdef'] })],
    [
      'of ourselves',
      (scene, sent) =>
        scene.reply(sent, { id: (sent.message['a'] as { id: NodeId }).id, token: 'tok', values: ['abcdef'] }),
    ],
    ['without an id', (scene, sent) => scene.reply(sent, { token: 'tok', values: ['abcdef'] })],
    [
      'with an id of 19 bytes',
      (scene, sent) => scene.reply(sent, { id: 'x'.repeat(19), token: 'tok', values: ['abcdef'] }),
    ],
    [
      'that is a refusal',
      (scene, sent) =>
        scene.raw(encode({ e: [201, 'no'], t: sent.message['t'] as Uint8Array, y: 'e' }), sent.host, sent.port),
    ],
    ['that is none', (scene, sent) => scene.raw(Uint8Array.from(Buffer.from('d1:y1:re')), sent.host, sent.port)],
    [
      'that is not bencoded',
      (scene, sent) => scene.raw(Uint8Array.from(Buffer.from('dhello e')), sent.host, sent.port),
    ],
    ['that never comes', () => {}],
  ])('%s', async (_, bad) => {
    const { found, result } = await only(bad);
    expect(found.sort()).toEqual(['60.1.1.2:80', '60.1.1.3:80', '60.1.1.4:80']);
    expect(result).toMatchObject({ peers: 3, nodes: 3, announced: 3 });
  });

  test.each<readonly [string, { readonly [key: string]: BencodeInput }]>([
    ['values that are none', { values: ['', 'abc', 5, ['abcdef'], 'abcdefghi'] }],
    ['values that are a number', { values: 5 }],
    ['values that are text', { values: 'abcdef' }],
    [
      'peers of this machine, of nobody, without a port',
      {
        values: [
          Uint8Array.of(127, 0, 0, 1, 0, 80),
          Uint8Array.of(224, 0, 0, 1, 0, 80),
          Uint8Array.of(60, 1, 1, 1, 0, 0),
        ],
      },
    ],
    ['nodes that are a list', { nodes: ['x'.repeat(26)] }],
    ['nodes cut off', { nodes: 'x'.repeat(25) }],
    ['ourselves as a node', { nodes: nodesOf([{ id: HASH, n: 0 }]) }],
    ['a token that is a number', { token: 5 }],
    ['an empty token', { token: '' }],
    ['an endless token', { token: 'x'.repeat(1000) }],
  ])('%s', async (_, more) => {
    const { found, result } = await only((scene, sent) => scene.reply(sent, { id: friend(1), token: 'tok', ...more }));
    expect(found.sort()).toEqual(['60.1.1.2:80', '60.1.1.3:80', '60.1.1.4:80']);
    expect(result.announced).toBe('token' in more ? 3 : 4);
  });
});

describe('what a liar cannot do', () => {
  test('have us ask many of one network, or more than sixteen in all', async () => {
    const many = Array.from({ length: 16 }, (_, i) => ({ id: idOf((i + 1).toString(16).padStart(6, '0')), n: 0x6300 }));
    const same = await only((scene, sent) => scene.reply(sent, { id: friend(1), nodes: nodesOf(many) }));
    const searched = same.asked.filter(({ host, message }) => host === hostOf(0x6300) && isFor(message, HASH));
    expect(searched).toHaveLength(1);
    const wide = Array.from({ length: 50 }, (_, i) => ({
      id: idOf((i + 1).toString(16).padStart(6, '0')),
      n: 0x6300 + i,
    }));
    const far = await only((scene, sent) => scene.reply(sent, { id: friend(1), nodes: nodesOf(wide) }));
    expect(
      new Set(far.asked.filter(({ host }) => host.startsWith('10.99.')).map(({ host }) => host)).size,
    ).toBeLessThanOrEqual(16);
    expect(far.result).toMatchObject({ peers: 3, announced: 3 });
  });

  test('send us without an end to nodes that nobody has', async () => {
    let made = 0x4000;
    const { result, asked } = await world((scene, sent, n) => {
      if (n !== 1) return honest(scene, sent, n);
      const nodes = Array.from({ length: 16 }, () => ({
        id: idOf((made & 0xff).toString(16).padStart(8, '0')),
        n: made++,
      }));
      scene.reply(sent, { id: friend(1), nodes: nodesOf(nodes) });
    });
    expect(result.peers).toBe(3);
    expect(asked.length).toBeLessThan(60);
  });

  test('keep a search for longer than a minute by naming nearer nodes for ever', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let n = 1; n <= 4; n++) await scene.befriend(n, friend(n));
    let over = false;
    const search = scene.node.search(HASH, { found() {} });
    void search.done.then(() => (over = true));
    const place = (k: number) => ({ id: idOf((0xffff - k).toString(16).padStart(8, '0')), n: 0x4000 + k });
    const started = scene.clock.now();
    for (let k = 0; !over && k < 1000; k++) {
      for (const sent of scene.take()) {
        const [, high = 0, low = 0] = sent.host.split('.').map(Number);
        const at = high * 256 + low - 0x4000;
        const id = at < 0 ? friend(high * 256 + low) : place(at).id;
        scene.reply(sent, { id, nodes: nodesOf([place(Math.max(0, at) + 1), place(Math.max(0, at) + 2)]) });
      }
      await scene.clock.advance(400);
    }
    expect(over).toBe(true);
    expect(scene.clock.now() - started).toBeGreaterThan(55_000);
    expect(scene.clock.now() - started).toBeLessThan(65_000);
  });

  test('move our id by itself', async () => {
    const scene = new Scene();
    scene.node.start();
    const { id } = scene.node.status();
    for (let i = 0; i < 20; i++) {
      scene.node.heardOf({ host: `50.1.1.${i + 1}`, port: 80 });
      await scene.clock.advance(600);
      for (const sent of scene.take())
        scene.reply(
          sent,
          { id: idOf((i + 1).toString(16).padStart(4, '0')) },
          { ip: compactEndpoint('9.9.9.9', 80) as Uint8Array },
        );
    }
    expect(scene.node.status()).toMatchObject({ id, externalAddress: undefined });
    // Nor those who were not asked.
    for (let i = 0; i < 60; i++)
      scene.raw(
        encode({ r: { id: idOf('44') }, t: 'xx', y: 'r', ip: compactEndpoint('9.9.9.9', 80) as Uint8Array }),
        `51.${i}.1.1`,
      );
    expect(scene.node.status()).toMatchObject({ id, externalAddress: undefined });
  });

  test('be heard after a flood, or take what others are answered with', () => {
    const scene = new Scene();
    scene.node.start();
    let answered = 0;
    for (let i = 0; i < 500; i++) if (scene.ask('ping', { id: idOf('e0') }, '1.2.3.4') !== undefined) answered++;
    expect(answered).toBe(50);
    expect(scene.node.status().muted).toBe(1);
    expect(scene.ask('ping', { id: idOf('e0') }, '1.2.3.5')).toBeDefined();
  });

  test('ask us more than others may, since we asked it', async () => {
    const scene = new Scene();
    scene.node.start();
    scene.node.heardOf({ host: '1.2.3.4', port: 6881 });
    await scene.clock.advance(1000);
    let answered = 0;
    for (let i = 0; i < 200; i++) if (scene.ask('ping', { id: idOf('e0') }, '1.2.3.4') !== undefined) answered++;
    expect(answered).toBe(50);
  });

  test('flood us with answers while we wait for one', async () => {
    const scene = new Scene();
    scene.node.start();
    scene.node.heardOf({ host: '1.2.3.4', port: 80 });
    await scene.clock.advance(1000);
    const [sent] = scene.take();
    for (let i = 0; i < 100; i++) scene.raw(encode({ r: { id: idOf('44') }, t: 'xxx', y: 'r' }), '1.2.3.4', 80);
    expect(scene.node.status().muted).toBe(1);
    scene.reply(sent as Sent, { id: idOf('44') });
    expect(scene.node.status().nodes.good).toBe(0);
  });

  test('have us send more than our share, whoever asks', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let n = 1; n <= 9; n++) await scene.befriend(n, idOf((n * 16).toString(16).padStart(2, '0')));
    const before = scene.node.status().sent.bytes;
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 200; i++)
        scene.raw(
          encode({ a: { id: idOf('e0'), target: HASH }, q: 'find_node', t: 'xx', y: 'q' }),
          `${20 + (i % 200)}.${second}.1.1`,
        );
      await scene.clock.advance(1000);
    }
    expect(scene.node.status().sent.bytes - before).toBeLessThan(60 * 8_000 + 40_000);
    // Our own questions still go out.
    scene.take();
    scene.node.heardOf({ host: '1.1.1.1', port: 80 });
    await scene.clock.advance(1500);
    expect(scene.take().some(({ host }) => host === '1.1.1.1')).toBe(true);
  });

  test('grow what we keep', async () => {
    const scene = new Scene();
    scene.node.start();
    for (let i = 0; i < 20_000; i++) {
      const host = `${20 + (i % 100)}.${(i >> 8) & 255}.${i & 255}.1`;
      scene.raw(encode({ a: { id: scene.random.bytes(20) }, q: 'ping', t: 'xx', y: 'q' }), host);
      scene.node.heardOf({ host, port: 80 });
      if (i % 50 === 0) await scene.clock.advance(1000);
    }
    const { nodes, muted } = scene.node.status();
    expect(nodes.good + nodes.questionable).toBe(0);
    expect(nodes.spare).toBeLessThanOrEqual(608);
    expect(muted).toBeLessThanOrEqual(1000);
    await scene.clock.advance(60_000);
    expect(scene.clock.pending).toBe(1);
  });

  test('have us ask thousands of places that it names', async () => {
    const scene = new Scene();
    scene.node.start();
    await scene.clock.advance(2000);
    scene.take();
    for (let n = 0; n < 5000; n++) scene.node.heardOf({ host: hostOf(n), port: 80 });
    await scene.clock.advance(40 * 60_000);
    expect(scene.take().length).toBeLessThan(500);
  });

  test('be asked without an end where it made itself known many times', async () => {
    const scene = new Scene();
    scene.node.start();
    await scene.clock.advance(2000);
    scene.take();
    for (let port = 1; port < 5000; port++) scene.node.heardOf({ host: '7.7.7.7', port });
    await scene.clock.advance(120_000);
    expect(scene.take().filter(({ host }) => host === '7.7.7.7').length).toBeLessThanOrEqual(64);
  });
});

test('datagrams of the other family, or too large, are not looked at', () => {
  const scene = new Scene();
  scene.node.start();
  const ping = { a: { id: idOf('e0') }, q: 'ping', t: 'aa', y: 'q' };
  scene.raw(encode(ping), '2001:db9::1');
  scene.raw(encode({ ...ping, zz: 'x'.repeat(1500) }), '1.2.3.4');
  expect(scene.take()).toEqual([]);
  expect(scene.node.status().received.messages).toBe(0);
  scene.raw(encode(ping), '1.2.3.4');
  expect(scene.take().map(({ message }) => text(message['y']))).toEqual(['r']);
});
