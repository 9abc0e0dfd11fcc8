import { describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../base/ids.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import { KIB, SERVER, scene } from './testing/scene.ts';

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
