import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { HttpRequest } from '../ports/http.ts';
import { HostsFile } from './hosts-file.ts';
import { NodeHttp } from './http.ts';
import { NodeInterfaces } from './interfaces.ts';
import { NodeNames } from './names.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function serve(handler: RequestListener, host = '127.0.0.1', port = 0): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((done) => server.listen(port, host, done));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

/** A server that says these bytes to whatever it is asked, and hangs up. */
function raw(answer: string): Promise<string> {
  return serve((request) => void request.socket.end(Buffer.from(answer, 'latin1')));
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
        // Node 24 calls back at once: nobody else would have a turn.
        const more = (): void =>
          void (response.destroyed || response.write(Buffer.alloc(700), () => setImmediate(more)));
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

  test('brings along what it posts', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      request.on('data', (data: Buffer) =>
        seen.push(`${request.method} ${request.headers['content-type']} ${data.toString()}`),
      );
      request.on('end', () => response.end('done'));
    });
    const body = Buffer.from('what');
    const headers = { 'Content-Type': 'text/x' };
    const answer = await http.post({ url, body, headers, timeout: millis(10_000), maxBytes: 1000 });
    expect([Buffer.from(answer.body).toString(), ...seen]).toEqual(['done', 'POST text/x what']);
    const nobody = http.post({ url: 'http://127.0.0.1:9/', body, timeout: millis(10_000), maxBytes: 1000 });
    expect(await refusal(nobody)).toContain('cannot call');
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

  const packed = (body: string): string => gzipSync(body).toString('latin1');
  test.each([
    ['lines that end in LF alone', 'HTTP/1.0 200 OK\nContent-Type: text/plain\n\nbody'],
    ['a length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody'],
    [
      'chunks and a length',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
    ],
    ['an encoding that is none', 'HTTP/1.1 200 OK\r\nContent-Encoding: UTF-8\r\n\r\nbody'],
    ['gzip, and a list of it', `HTTP/1.1 200 OK\r\nContent-Encoding: identity, GZIP\r\n\r\n${packed('body')}`],
    ['gzip that is none', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nbody'],
    [
      'packed twice',
      `HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n${gzipSync(gzipSync('body')).toString('latin1')}`,
    ],
  ])('takes an answer with %s', async (_, answer) => {
    const url = await raw(answer);
    expect(Buffer.from((await get(url)).body).toString()).toBe('body');
  });

  test.each([
    ['what is packed, with bytes behind it,', `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${packed('body')}\r\n`],
    ['a body', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbody'],
    [
      'a packed one',
      `HTTP/1.1 200 OK\r\nContent-Length: 99\r\nContent-Encoding: gzip\r\n\r\n${packed('body').slice(0, -6)}`,
    ],
  ])('takes %s with a wrong end for whoever wants it, and for nobody else', async (_, answer) => {
    const url = await raw(answer);
    expect(Buffer.from((await get(url, { mayBeCut: true })).body).toString()).toBe('body');
    expect(await refusal(get(url))).toMatch(/cut off|unpacked/);
  });

  test.each([
    ['what is no HTTP', 'SSH-2.0-x\r\n', 'no answer of HTTP'],
    ['nothing', '', 'before an answer came'],
    ['a packing that nobody asked for', 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nbody', 'packed as br'],
    ['a packing that is broken', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8bbody', 'cannot be unpacked'],
    [
      'a packing without end',
      `HTTP/1.1 200 OK\r\nContent-Encoding: ${'gzip,'.repeat(50)}\r\n\r\nbody`,
      'packed 50 times',
    ],
  ])('names %s', async (_, answer, why) => {
    expect(await refusal(get(`${await raw(answer)}/?secret`))).toMatch(why);
  });

  test('tells how long it is to wait', async () => {
    const url = await raw('HTTP/1.1 503 Busy\r\nRetry-After: 120\r\n\r\n');
    expect(await get(url)).toEqual({ status: 503, scope: 'loopback', retryAfter: 120_000, body: new Uint8Array() });
  });

  test('tries all addresses of a name, and begins with the one that answered', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ensemble-http-'));
    await writeFile(join(folder, 'hosts'), '127.0.0.66 t.example\n127.0.0.77 t.example\n');
    const servers = (): Promise<string[]> => Promise.resolve(['127.0.0.1:9']);
    const names = new NodeNames({ servers, hosts: new HostsFile(join(folder, 'hosts')) });
    const bound = new NodeHttp(undefined, names);
    const second = await serve((request, response) => void response.end(request.headers.host), '127.0.0.77');
    const { port } = new URL(second);
    const ask = async (): Promise<string> => {
      const url = `http://t.example:${port}/`;
      const { body } = await bound.get({ url, localAddress: '127.0.0.5', timeout: millis(10_000), maxBytes: 1000 });
      return Buffer.from(body).toString();
    };
    expect(await ask()).toBe(`t.example:${port}`);
    await serve((_, response) => void response.end('the other one'), '127.0.0.66', Number(port));
    expect(await ask()).toBe(`t.example:${port}`);
    await rm(folder, { recursive: true });
  });

  const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
  test.skipIf(!hasOpenssl)('a server whose certificate nobody vouches for is not asked', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ensemble-tls-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    let asked = 0;
    const tls = createTls({ key: await readFile(key), cert: await readFile(cert) }, () => asked++);
    servers.push(tls as unknown as Server);
    await new Promise<void>((done) => tls.listen(0, '127.0.0.1', done));
    const url = `https://localhost:${(tls.address() as AddressInfo).port}/x?secret`;
    expect(await refusal(get(url, { localAddress: '127.0.0.1' }))).toContain('SELF_SIGNED');
    expect(asked).toBe(0);
    await rm(folder, { recursive: true });
  });

  describe('requests that may share a connection', () => {
    const shared = (url: string, more: Partial<HttpRequest> = {}) => get(url, { mayShare: true, ...more });

    /** The local ports of the connections by which a server was asked. */
    async function asked(answer: (response: ServerResponse, count: number) => void) {
      const ports: (number | undefined)[] = [];
      const url = await serve((request, response) => {
        ports.push(request.socket.remotePort);
        answer(response, ports.length);
      });
      return { url, ports };
    }

    test('do so once a server is asked often, and no others do', async () => {
      const { url, ports } = await asked((response) => response.end('body'));
      for (let i = 0; i < 4; i++) expect((await shared(`${url}/${i}`)).body).toHaveLength(4);
      expect(new Set(ports).size).toBe(2);
      expect(ports[3]).toBe(ports[1]);
      await get(url);
      await shared(url, { localAddress: '127.0.0.1' });
      await shared(url, { innermost: 'loopback' });
      expect(new Set(ports).size).toBe(5);
    });

    test.each<[string, (response: ServerResponse) => void]>([
      ['the server says that it closes', (response) => void response.setHeader('Connection', 'close').end('body')],
      [
        'more came than belongs to the answer',
        (response) => {
          response.socket?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodymore');
        },
      ],
      [
        'the end is where the connection ends',
        (response) => {
          response.socket?.end('HTTP/1.1 200 OK\r\n\r\nbody');
        },
      ],
      ['it leads elsewhere', (response) => void response.writeHead(302, { Location: '/there' }).end('body')],
    ])('have one of their own where %s', async (_, answer) => {
      const { url, ports } = await asked(answer);
      for (let i = 0; i < 4; i++) await shared(url);
      expect(new Set(ports).size).toBe(4);
    });

    test('are asked again where the server had closed it', async () => {
      const { url, ports } = await asked((response, count) => {
        if (count === 3) response.socket?.destroy();
        else response.end('body');
      });
      for (let i = 0; i < 3; i++) expect((await shared(url)).status).toBe(200);
      expect(ports).toHaveLength(4);
      expect(ports[2]).toBe(ports[1]);
    });

    test('are not asked again once an answer began, nor over a connection of their own', async () => {
      const { url, ports } = await asked((response, count) => {
        if (count === 3) response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo');
        else if (count > 3) response.socket?.destroy();
        else response.end('body');
      });
      for (let i = 0; i < 2; i++) await shared(url);
      await refusal(shared(url));
      expect(ports).toHaveLength(3);
      await refusal(shared(url));
      expect(ports).toHaveLength(4);
    });

    test('at the same time have as many as they are, of which few are kept', async () => {
      const { url, ports } = await asked((response) => void setImmediate(() => response.end('body')));
      const many = () => Promise.all(Array.from({ length: 12 }, () => shared(url)));
      await many();
      await many();
      expect(new Set(ports).size).toBeLessThanOrEqual(24 - 8);
      expect(new Set(ports).size).toBeGreaterThanOrEqual(12);
    });
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
