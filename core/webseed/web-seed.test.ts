import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concatBytes, sameBytes } from '../base/bytes.ts';
import { bytesPerSecond, millis, torrentKey } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import { SimClient } from '../sim/client.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { type HeardRequest, part, type Reply, SimWebServer } from '../sim/web-server.ts';

const KIB = 1024;
const SERVER = '203.0.113.9';

const THREE = [
  { path: ['a b.bin'], length: 300 * KIB + 1 },
  { path: ['ü', 'c#d'], length: 200 * KIB },
  { path: ['last'], length: 77 },
];

type Answer = (request: HeardRequest, count: number, usual: () => Reply) => Reply | 'nothing' | undefined;

interface Scene {
  readonly made?: ReturnType<typeof padded>;
  readonly files?: ConstructorParameters<typeof SimSwarm>[1]['files'];
  readonly pieceLength?: number;
  readonly urls?: readonly string[];
  readonly answer?: Answer;
  readonly link?: object;
  readonly setup?: Partial<DownloadSetup>;
}

/** A client with nothing but a web seed. */
async function scene({
  files = THREE,
  pieceLength = 32 * KIB,
  urls = ['http://files.example/pub'],
  ...more
}: Scene = {}) {
  const swarm = new SimSwarm(7, { files, pieceLength });
  const { clock, random, net } = swarm;
  const { torrent, payload } = more.made ?? swarm;
  const { info } = torrent;
  net.name('files.example', [SERVER]);
  const server = new SimWebServer();
  for (const { path, offset, length, padding } of info.files) {
    if (padding) continue;
    const names = path.map(encodeURIComponent).join('/');
    server.files.set(`/pub/${names}`, payload.subarray(offset, offset + length));
  }
  const { answer } = more;
  const usual = (request: HeardRequest): Reply => {
    const file = server.files.get(request.target);
    return file === undefined ? { status: 404 } : part(file, request.from, request.to);
  };
  if (answer !== undefined) server.answer = (request, count) => answer(request, count, () => usual(request));
  await server.listen(net.host(SERVER, { latency: 10, up: 4_000 * KIB, ...more.link }));
  const host = net.host('10.9.0.1', { latency: 10, down: 4_000 * KIB });
  const client = new SimClient({ clock, random, host, address: '10.9.0.1', http: swarm.tracker.http('10.9.0.1') });
  client.add(torrent, undefined, { trackers: [], webSeeds: urls, ...more.setup });
  const done = (): boolean => client.verified.size === info.pieceCount;
  const right = (): boolean => sameBytes(client.payload(torrent) ?? new Uint8Array(), payload);
  const warnings = (): string[] => client.heard.flatMap((one) => (one.type === 'tracker-warning' ? [one.message] : []));
  return { swarm, clock, server, client, done, right, warnings, info, payload };
}

describe('a download of nothing but a web seed', () => {
  test('of several files: each byte is asked for once, in runs, over two connections that are kept', async () => {
    const { clock, server, done, right, client } = await scene();
    expect(await clock.runUntil(done, 60_000)).toBe(true);
    expect(right()).toBe(true);
    const asked = server.heard.reduce((sum, { from, to = 0 }) => sum + to - from, 0);
    expect(asked).toBe(500 * KIB + 78);
    expect(server.heard.length).toBeLessThan(16);
    expect(server.connections).toBe(2);
    const [first] = server.heard;
    expect(first).toMatchObject({ target: '/pub/payload/a%20b.bin', from: 0, remote: '10.9.0.1' });
    expect(Object.fromEntries(first?.headers ?? [])).toMatchObject({
      host: 'files.example',
      'accept-encoding': 'identity',
    });
    expect(new Set(server.heard.map(({ target }) => target)).has('/pub/payload/%C3%BC/c%23d')).toBe(true);
    await clock.advance(1_000);
    expect(client.status).toMatchObject({ wasted: 0 });
  });

  test.each<[string, string, string]>([
    ['of one file with a slash', 'http://files.example/pub/', '/pub/payload'],
    ['of one file, the URL itself', 'http://files.example/pub/payload', '/pub/payload'],
    ['at another port', 'http://files.example:8080/pub/', '/pub/payload'],
  ])('%s', async (_, url, target) => {
    const { swarm, clock, server, done, right } = await scene({ files: 300 * KIB + 5, urls: [url] });
    await server.listen(swarm.net.host('203.0.113.10', { latency: 1 }), 8080);
    swarm.net.name('files.example', url.includes('8080') ? ['203.0.113.10'] : [SERVER]);
    expect(await clock.runUntil(done, 60_000)).toBe(true);
    expect(right()).toBe(true);
    expect(server.heard[0]?.target).toBe(target);
  });

  test('is as fast as the line once it runs', async () => {
    const { clock, done, server } = await scene({
      files: 40 * 1024 * KIB,
      pieceLength: 256 * KIB,
      urls: ['http://files.example/pub/'],
    });
    const from = clock.now();
    expect(await clock.runUntil(done, 120_000)).toBe(true);
    expect(clock.now() - from).toBeLessThan(13_000);
    expect(server.heard.length).toBeLessThan(60);
  });

  test('keeps to the limit of rate', async () => {
    const limits = { down: bytesPerSecond(100 * KIB), up: bytesPerSecond(0) };
    const { clock, client } = await scene({
      files: 8_000 * KIB,
      urls: ['http://files.example/pub/'],
      setup: { tuning: ordinaryTuning({ limits }) },
    });
    await clock.advance(20_000);
    const { downloaded = 0 } = client.status ?? {};
    expect(downloaded).toBeGreaterThan(1_200 * KIB);
    expect(downloaded).toBeLessThan(2_600 * KIB);
  });

  test('is shown among the peers', async () => {
    const { clock, client, done, info } = await scene({ link: { up: 100 * KIB } });
    client.tell({
      type: 'watch',
      key: client.heard[0] === undefined ? ('' as never) : (info.infoHash as string as never),
    });
    await clock.advance(3_000);
    expect(client.status?.peerList).toMatchObject([
      {
        endpoint: { host: 'files.example', port: 80 },
        client: 'sim/1',
        source: 'web',
        progress: 1,
        amInterested: true,
        peerChoking: false,
      },
    ]);
    expect(client.status?.sources.find(({ kind }) => kind === 'web')).toMatchObject({
      seeds: [{ url: 'http://files.example/pub', state: 'working' }],
    });
    expect(client.status?.peerList?.[0]?.down).toBeGreaterThan(50 * KIB);
    expect(await clock.runUntil(done, 60_000)).toBe(true);
  });
});

describe('web seeds as they are', () => {
  const moved =
    (to: string): Answer =>
    (request, _, usual) =>
      request.target.startsWith('/pub/')
        ? { status: 302, headers: { Location: `${to}${request.target.slice(5)}` } }
        : usual();

  test.each<[string, Partial<Scene>]>([
    ['a whole file for each range', { answer: (request, _, usual) => whole(request, usual) }],
    ['in chunks', { answer: (_, __, usual) => ({ ...usual(), chunks: 5000 }) }],
    ['a whole file in chunks', { answer: (request, _, usual) => ({ ...whole(request, usual), chunks: 777 }) }],
    [
      'less than was asked for',
      { answer: ({ from, to = 0 }, _, usual) => shorter(usual(), from, Math.min(to, from + 20_000)) },
    ],
    [
      'cut off now and then',
      { answer: (_, count, usual) => ({ ...usual(), ...(count % 2 === 0 && { cut: 40_000 }) }) },
    ],
    [
      'closes after each answer',
      { answer: (_, __, usual) => ({ ...usual(), headers: { ...usual().headers, Connection: 'close' } }) },
    ],
    ['slow and far', { link: { up: 30 * KIB, latency: 400 } }],
  ])('%s', async (_, script) => {
    const { clock, done, right } = await scene(script);
    expect(await clock.runUntil(done, 120_000)).toBe(true);
    expect(right()).toBe(true);
  });

  test('a server that knows no ranges is read from one end to the other, once', async () => {
    const { clock, server, done } = await scene({
      files: 20_000 * KIB,
      pieceLength: 64 * KIB,
      urls: ['http://files.example/pub/'],
      answer: (request, _, usual) => whole(request, usual),
    });
    expect(await clock.runUntil(done, 120_000)).toBe(true);
    expect(server.heard).toHaveLength(1);
  });

  test('padding is filled in, and never asked for', async () => {
    const made = padded([50_000, 31_920, 5, 40_955, 40_000, 41_920], 16 * KIB);
    const { clock, server, done, client } = await scene({ made });
    expect(await clock.runUntil(done, 60_000)).toBe(true);
    const asked = server.heard.reduce((sum, { from, to = 0 }) => sum + to - from, 0);
    expect(asked).toBe(50_000 + 5 + 40_000);
    await clock.advance(1_000);
    expect(client.status).toMatchObject({ downloaded: made.payload.length, wasted: 0 });
    expect(server.heard.some(({ target }) => target.includes('.pad'))).toBe(false);
  });

  test('a file that is not there: the others come, and it is asked for once', async () => {
    const { clock, server, client, warnings } = await scene({
      answer: (request, _, usual) => (request.target.endsWith('d') ? { status: 404 } : usual()),
    });
    await clock.advance(60_000);
    // Piece 9 has the end of the first file and the beginning of the second, piece 15 the end of the second, and the last.
    expect([...client.verified].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(server.heard.filter(({ target }) => target.endsWith('d'))).toHaveLength(1);
    expect(warnings()).toEqual([expect.stringContaining('"payload/ü/c#d": status 404')]);
  });

  test('a file that both connections find missing at once does not stop either', async () => {
    const { clock, client } = await scene({
      files: [
        { path: ['a'], length: 32 * KIB },
        { path: ['b'], length: 640 * KIB },
        { path: ['c'], length: 320 * KIB },
        { path: ['d'], length: 640 * KIB },
      ],
      link: { latency: 300 },
      answer: (request, _, usual) => (/[bd]$/.test(request.target) ? { status: 404 } : usual()),
    });
    await clock.advance(10_000);
    expect(client.verified.size).toBe(11);
  });

  test('its password is told nobody', async () => {
    const { swarm, clock, client, warnings } = await scene({
      urls: ['http://me:secret@files.example/pub'],
      answer: ({ headers }, count, usual) =>
        count === 1
          ? { status: 302, headers: { Location: 'http://else.example/x' } }
          : headers.has('authorization')
            ? usual()
            : { status: 404 },
    });
    const other = new SimWebServer();
    swarm.net.name('else.example', ['203.0.113.78']);
    await other.listen(swarm.net.host('203.0.113.78', { latency: 1 }));
    await clock.advance(20_000);
    expect(other.heard).toHaveLength(1);
    expect(other.heard[0]?.headers.has('authorization')).toBe(false);
    expect(client.verified.size).toBeGreaterThan(0);
    expect(warnings()).not.toEqual([]);
    expect(JSON.stringify(client.heard).includes('secret')).toBe(false);
  });

  test('a file of another length is left alone', async () => {
    const { clock, client, server } = await scene();
    server.files.set('/pub/payload/a%20b.bin', new Uint8Array(300 * KIB));
    await clock.advance(60_000);
    expect(client.verified.has(0 as never)).toBe(false);
    expect(client.verified.size).toBe(6);
  });

  test('one that is busy is left alone as long as it says', async () => {
    const { clock, server, done, warnings } = await scene({
      answer: (_, count, usual) => (count === 1 ? { status: 503, headers: { 'Retry-After': 45 } } : usual()),
    });
    await clock.advance(44_000);
    expect(server.heard).toHaveLength(1);
    expect(await clock.runUntil(done, 20_000)).toBe(true);
    expect(warnings()).toEqual([expect.stringContaining('status 503; it is asked again in 45 s')]);
  });

  test('one that takes one connection gets one', async () => {
    let open = 0;
    const { clock, server, done, warnings } = await scene({
      link: { up: 50 * KIB },
      answer: (_, __, usual) => (server.connections > 1 && open++ === 0 ? { status: 503 } : usual()),
    });
    expect(await clock.runUntil(done, 60_000)).toBe(true);
    expect(warnings()).toEqual([]);
  });

  test('one that fails again and again is asked ever more seldom', async () => {
    const { clock, server } = await scene({ answer: () => ({ status: 500 }) });
    await clock.advance(600_000);
    expect(server.heard.length).toBeGreaterThan(4);
    expect(server.heard.length).toBeLessThan(9);
  });

  test.each<[string, Answer]>([
    ['never answers', () => 'nothing'],
    ['sends nothing of what it promises', (_, __, usual) => ({ ...usual(), cut: 0 })],
    ['sends empty answers that are whole', (_, __, usual) => ({ ...usual(), body: new Uint8Array(), chunks: 9 })],
    ['sends no HTTP', (_, __, usual) => ({ ...usual(), status: 'x' as never })],
    ['sends a redirect to itself', (request) => ({ status: 302, headers: { Location: request.target } })],
    [
      'sends other parts',
      ({ to = 0 }, __, usual) => ({ ...usual(), headers: { 'Content-Range': `bytes ${to}-${to}/*` } }),
    ],
  ])('one that %s costs little', async (_, answer) => {
    const { clock, server, client } = await scene({ answer });
    await clock.advance(600_000);
    expect(client.verified.size).toBe(0);
    expect(server.heard.length).toBeLessThan(80);
    expect(server.heard.length).toBeGreaterThan(3);
  });

  test('one that lies is banned, and the rest comes from another', async () => {
    const { swarm, clock, server, done, right, client } = await scene({
      urls: ['http://liar.example/pub/', 'http://files.example/pub/'],
      link: { up: 100 * KIB },
    });
    const liar = new SimWebServer();
    swarm.net.name('liar.example', ['203.0.113.66']);
    await liar.listen(swarm.net.host('203.0.113.66', { latency: 1 }));
    for (const [path, file] of server.files)
      liar.files.set(
        path,
        file.map((byte, i) => (i % 70_000 === 0 ? byte ^ 1 : byte)),
      );
    expect(await clock.runUntil(done, 120_000)).toBe(true);
    expect(right()).toBe(true);
    expect(client.heard.filter(({ type }) => type === 'banned')).toMatchObject([{ host: 'http://liar.example/pub/' }]);
    const asked = liar.heard.length;
    await clock.advance(60_000);
    expect(liar.heard).toHaveLength(asked);
  });

  test('of many that fail now and then a few are asked at a time', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `mirror${i}.example`);
    const { swarm, clock, server, done, client } = await scene({
      urls: names.map((name) => `http://${name}/pub`),
      link: { up: 20 * KIB },
      answer: (_, count, usual) => (count % 3 === 0 ? { status: 500 } : usual()),
    });
    for (const name of names) swarm.net.name(name, [SERVER]);
    client.tell({ type: 'watch', key: torrentKey(swarm.torrent.info.infoHash) });
    let most = 0;
    while (!done() && clock.now() < 600_000) {
      await clock.advance(1_000);
      const web = client.status?.sources.find(({ kind }) => kind === 'web');
      const seeds = web?.kind === 'web' ? web.seeds : [];
      most = Math.max(most, seeds.filter(({ state }) => state === 'working').length);
    }
    expect(done()).toBe(true);
    expect(most).toBe(4);
    expect(server.heard.length).toBeGreaterThan(12);
  });

  test('one that trickles is left alone for a while', async () => {
    const { swarm, clock, client, warnings } = await scene({ urls: ['http://slow.example/pub/'], files: 100_000 });
    swarm.net.name('slow.example', ['203.0.113.77']);
    let asked = 0;
    const timeouts = { silenceTimeout: millis(600_000), stuckTimeout: millis(600_000) };
    await swarm.net.host('203.0.113.77', { latency: 1 }).listen({ port: 80, ...timeouts }, () => ({
      data: (connection) => {
        asked++;
        connection.write(new TextEncoder().encode('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n'));
        clock.every(millis(10_000), () => connection.write(Uint8Array.of(0)));
      },
      closed: () => {},
    }));
    await clock.advance(75_000);
    expect(client.verified.size).toBe(0);
    expect(warnings()).toEqual([expect.stringContaining('next to nothing')]);
    expect(asked).toBeLessThan(4);
  });

  test('redirects are followed, and asked of again while they hold', async () => {
    const { clock, server, done, right } = await scene({ answer: moved('/else/') });
    for (const [path, file] of server.files) server.files.set(path.replace('/pub/', '/else/'), file);
    expect(await clock.runUntil(done, 60_000)).toBe(true);
    expect(right()).toBe(true);
    const first = server.heard.filter(({ target }) => target.startsWith('/pub/'));
    expect(first.length).toBeLessThan(8);
  });

  test.each(['http://10.9.0.7/', 'http://127.0.0.1/', 'http://inner.example/', 'http://[fe80::1]/', 'file:///etc/'])(
    'a redirect to %s is not followed from the internet',
    async (to) => {
      const { swarm, clock, client, warnings } = await scene({ answer: moved(to) });
      const inner = new SimWebServer();
      swarm.net.name('inner.example', ['10.9.0.7']);
      await inner.listen(swarm.net.host('10.9.0.7', { latency: 1 }));
      await clock.advance(5_000);
      expect(inner.heard).toEqual([]);
      expect(client.verified.size).toBe(0);
      expect(warnings()[0]).toMatch(/further in|only http|no address/);
    },
  );
});

test.each([
  ['http://inner.example/pub/', 1],
  ['http://inner.example/do?reboot=', 0],
])('%s in a private network', async (url, asked) => {
  const { swarm, clock, warnings } = await scene({ urls: [url], files: 30_000 });
  const inner = new SimWebServer();
  inner.files.set('/pub/payload', swarm.payload);
  swarm.net.name('inner.example', ['10.9.0.7']);
  await inner.listen(swarm.net.host('10.9.0.7', { latency: 1 }));
  await clock.advance(5_000);
  expect(inner.heard.length > 0).toBe(asked > 0);
  expect(warnings().some((text) => text.includes('private network'))).toBe(asked === 0);
});

/** A torrent of files that take turns with padding. */
function padded(lengths: readonly number[], pieceLength: number) {
  const payload = concatBytes(
    ...lengths.map((length, i) =>
      new Uint8Array(length).map((_, at) => (i % 2 === 0 ? (at * 7 + (at >>> 9)) & 255 : 0)),
    ),
  );
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += pieceLength) {
    hashes.push(
      createHash('sha1')
        .update(payload.subarray(at, at + pieceLength))
        .digest(),
    );
  }
  const files = lengths.map((length, i) => ({ length, ...(i % 2 === 1 && { attr: 'p' }), path: [`${i}`] }));
  const info = { files, name: 'padded', 'piece length': pieceLength, pieces: concatBytes(...hashes) };
  return { torrent: parseTorrent(encode({ info })), payload };
}

/** All of the file, whatever was asked for. */
function whole({ from }: HeardRequest, usual: () => Reply): Reply {
  const { body } = usual();
  if (body === undefined) return usual();
  const all = new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset - from, fileLength(usual()));
  return { status: 200, body: all };
}

function fileLength({ headers }: Reply): number {
  return Number(String(headers?.['Content-Range']).split('/')[1]);
}

/** The same answer, up to `to`. */
function shorter(reply: Reply, from: number, to: number): Reply {
  if (reply.body === undefined) return reply;
  const body = reply.body.subarray(0, to - from);
  return {
    ...reply,
    body,
    headers: { 'Content-Range': `bytes ${from}-${from + body.length - 1}/${fileLength(reply)}` },
  };
}
