import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { HttpRequest } from '../ports/http.ts';
import { NodeHttp } from './http.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const http = new NodeHttp('1.2.3');

function get(url: string, more: Partial<HttpRequest> = {}) {
  return http.get({ url, timeout: millis(10_000), maxBytes: 1000, maxRedirects: 3, ...more });
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
    expect(answer).toMatchObject({ status: 404, remoteAddress: '127.0.0.1' });
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

  test('follows redirects, without what was meant for the first server', async () => {
    const seen: (string | undefined)[][] = [];
    const note = (request: IncomingMessage): void => {
      seen.push([request.url, request.headers.authorization, request.headers['x-key'] as string | undefined]);
    };
    const second = await serve((request, response) => {
      note(request);
      response.end('there');
    });
    const withUser = second.replace('http://', 'http://spy:word@');
    const first = await serve((request, response) => {
      note(request);
      const Location = request.url === '/a' ? '/b?c=d' : `${withUser}/e`;
      response.writeHead(302, { Location }).end('elsewhere');
    });
    const answer = await get(`${first.replace('http://', 'http://me:pass@')}/a`, { headers: { 'X-Key': 'k' } });
    expect(Buffer.from(answer.body).toString()).toBe('there');
    const mine = `Basic ${Buffer.from('me:pass').toString('base64')}`;
    expect(seen[0]).toEqual(['/a', mine, 'k']);
    expect(seen[1]?.slice(0, 1)).toEqual(['/b?c=d']);
    expect(seen[2]).toEqual(['/e', undefined, undefined]);
  });

  test.each([
    ['for ever', '/again', /more than 3 times/],
    ['to a file', 'file:///etc/passwd', /only http and https/],
    ['to nonsense', 'http://[', /no valid address/],
  ])('a redirect %s is refused', async (_, Location, message) => {
    const url = await serve((_request, response) => void response.writeHead(301, { Location }).end());
    expect(await refusal(get(url))).toMatch(message);
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
