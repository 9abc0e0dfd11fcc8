import { describe, expect, test } from 'vitest';
import { millis, piece, torrentKey } from '../base/ids.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { SimWebServer } from '../sim/web-server.ts';
import { KIB, SERVER, type Answer, type Scene, scene, padded, whole, shorter } from './testing/scene.ts';

describe('web seeds as they are', () => {
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
    // What a piece ends with of it is not fetched at all; a piece of nothing else is, from nowhere.
    const geometry = new Geometry(made.torrent.info);
    const fetched = Array.from({ length: geometry.pieceCount }, (_, i) => geometry.dataSize(piece(i)));
    expect(client.status).toMatchObject({ downloaded: fetched.reduce((sum, size) => sum + size), wasted: 0 });
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
});
