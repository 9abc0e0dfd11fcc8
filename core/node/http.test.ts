import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { HttpRequest } from '../ports/http.ts';
import { NodeHttp } from './http.ts';
import { NodeInterfaces } from './interfaces.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function serve(handler: RequestListener, host = '127.0.0.1'): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, host, done));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

const http = new NodeHttp('1.2.3');

function get(url: string, more: Partial<HttpRequest> = {}) {
  return http.get({ url, timeout: millis(10_000), maxBytes: 1000, ...more });
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'EnsembleError' });
  return String(error);
}

describe('NodeHttp', () => {
  test('asks as itself, over a connection of its own', async () => {
    let seen: IncomingMessage | undefined;
    const url = await serve((request, response) => {
      seen = request;
      response.writeHead(404).end('body');
    });
    const answer = await get(`${url}/announce?info_hash=%00%ff&x=1`, { headers: { 'X-More': 'yes' } });
    expect(answer).toMatchObject({ status: 404, scope: 'loopback' });
    expect(Buffer.from(answer.body).toString()).toBe('body');
    // Byte for byte: trackers take the escapes literally.
    expect(seen?.url).toBe('/announce?info_hash=%00%ff&x=1');
    expect(seen?.headers).toMatchObject({ 'user-agent': 'Ensemble/1.2.3', 'x-more': 'yes', connection: 'close' });
  });

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['identity', (data: Buffer) => data],
  ] as const)('unpacks %s', async (encoding, pack) => {
    const body = Buffer.from('d8:intervali1800e5:peers0:e');
    const url = await serve((_, response) => {
      response.setHeader('Content-Encoding', encoding);
      // No length: it goes in chunks.
      const packed = pack(body);
      response.write(packed.subarray(0, 5));
      response.end(packed.subarray(5));
    });
    expect(Buffer.from((await get(url)).body).toString()).toBe(body.toString());
  });

  const bomb = gzipSync(Buffer.alloc(50_000_000));
  test.each<[string, (response: ServerResponse) => void]>([
    ['says so', (response) => void response.writeHead(200, { 'Content-Length': 5000 }).end(Buffer.alloc(5000))],
    [
      'streams without end',
      (response) => {
        const more = (): void => void response.write(Buffer.alloc(700), more);
        more();
      },
    ],
    ['is small until unpacked', (response) => void response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb)],
  ])('a body that is too long and %s is not read on', async (_, answer) => {
    const url = await serve((_request, response) => answer(response));
    expect(await refusal(get(url, { maxBytes: bomb.length }).then(() => get(url)))).toMatch(/longer than \d+ bytes/);
  });

  test('signs in as it is told, and tells where it is sent, without going there', async () => {
    const seen: unknown[][] = [];
    const url = await serve((request, response) => {
      seen.push([request.url, request.headers.authorization, request.headers['x-key']]);
      response.writeHead(302, { Location: '/b?c=d', 'Content-Encoding': 'gzip' }).end('elsewhere');
    });
    const answer = await get(`${url.replace('http://', 'http://me:pass@')}/a`, { headers: { 'X-Key': 'k' } });
    expect(answer).toEqual({ status: 302, location: '/b?c=d', scope: 'loopback', body: new Uint8Array() });
    expect(seen).toEqual([['/a', `Basic ${Buffer.from('me:pass').toString('base64')}`, 'k']]);
  });

  test.each([
    ['an address', '127.0.0.1', 'private'],
    ['an address in disguise', '2130706433', 'link'],
    ['this machine by none', '0.0.0.0', 'private'],
    ['an IPv4 address in IPv6 form', '[::ffff:127.0.0.1]', 'link'],
    ['a name', 'localhost', 'global'],
  ] as const)('is not asked further in than it may: %s', async (_, host, innermost) => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked++;
      response.end();
    });
    const there = url.replace('127.0.0.1', host);
    for (const more of [{}, { family: 4 }, { localAddress: '127.0.0.1' }] as const) {
      if (Object.keys(more).length > 0 && host.startsWith('[')) continue;
      expect(await refusal(get(`${there}/x?secret`, { ...more, innermost }))).toMatch(/lies further in/);
      expect(asked).toBe(0);
    }
  });

  const own = new NodeInterfaces().list().filter(({ family, internal }) => family === 4 && !internal);
  test.each(own)('is this machine at its address of a network, too: $address', async ({ address }) => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.end();
    }, address);
    for (const host of [address, `[::ffff:${address}]`]) {
      expect(await refusal(get(url.replace(address, host), { innermost: 'private' }))).toMatch(/lies further in/);
    }
    expect(asked).toBe(0);
    // A tracker of this machine may send on within it.
    expect(await get(url, { innermost: 'loopback' })).toMatchObject({ status: 200, scope: 'loopback' });
  });

  test.each([{}, { family: 4 }] as const)('is asked as far in as it may, by address and by name: %o', async (more) => {
    const url = await serve((_, response) => void response.end());
    for (const host of ['127.0.0.1', 'localhost']) {
      expect(await get(url.replace('127.0.0.1', host), { ...more, innermost: 'loopback' })).toMatchObject({
        status: 200,
      });
    }
  });

  test('time is for the whole exchange', async () => {
    const url = await serve((_, response) => void response.write('some'));
    expect(await refusal(get(`${url}/announce?passkey=secret`, { timeout: millis(50) }))).toContain('ETIMEDOUT');
  });

  test('can be stopped, before and after it began', async () => {
    const url = await serve((_, response) => {
      response.write('some');
      stop.abort();
    });
    const stop = new AbortController();
    expect(await refusal(get(url, { signal: stop.signal }))).toContain('stopped');
    expect(await refusal(get(url, { signal: stop.signal }))).toContain('stopped');
  });

  test.each([
    ['nobody there', 'http://127.0.0.1:9/announce?key=secret', {}, 'ECONNREFUSED'],
    ['an address of ours that is none', 'http://127.0.0.1:9/x?secret', { localAddress: '192.0.2.1' }, 'EADDRNOTAVAIL'],
    [
      'a name, from an address that is none',
      'http://none.invalid/x?secret',
      { localAddress: '192.0.2.1' },
      'EADDRNOTAVAIL',
    ],
    ['the other family', 'http://127.0.0.1:9/x?secret', { family: 6 as const }, 'EAFNOSUPPORT'],
    ['another protocol', 'ftp://127.0.0.1/x?secret', {}, 'only http and https'],
    ['a broken answer', 'broken', {}, 'network'],
  ])('%s: named, without the query', async (_, url, more, part) => {
    const broken = await serve(
      (request) => void request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort'),
    );
    const error = get(url === 'broken' ? `${broken}/x?secret` : url, more);
    if (part === 'network') await expect(error).rejects.toMatchObject({ code: 'network' });
    else expect(await refusal(error)).toContain(part);
    expect(await refusal(error)).not.toContain('secret');
  });

  test('leaves from the address that it is told', async () => {
    let from: string | undefined;
    const url = await serve((request, response) => {
      from = request.socket.remoteAddress;
      response.end();
    });
    await get(url, { localAddress: '127.0.0.5' });
    expect(from).toBe('127.0.0.5');
  });
});
