import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { CloseReason, ProxyStep, ProxyTalk, ViaProxy } from '../ports/net.ts';
import { NodeHttp } from './http.ts';
import { NodeNet } from './net.ts';

const LIMITS = { connectTimeout: millis(5000), silenceTimeout: millis(5000), stuckTimeout: millis(5000) };
const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** Says the target's port on a line, and is answered on one. */
class LineTalk implements ProxyTalk {
  asked = false;
  readonly #target: number;
  #come = '';

  constructor(target: number) {
    this.#target = target;
  }

  begin(): Uint8Array {
    this.asked = true;
    return Buffer.from(`${this.#target}\n`);
  }

  received(data: Uint8Array): ProxyStep {
    this.#come += Buffer.from(data).toString('latin1');
    const end = this.#come.indexOf('\n');
    if (end < 0) return { kind: 'more' };
    const [word, rest] = [this.#come.slice(0, end), this.#come.slice(end + 1)];
    return word === 'ok' ? { kind: 'open', rest: Buffer.from(rest, 'latin1') } : { kind: 'failed', code: word };
  }
}

/** A proxy that understands it, and answers with `word` in two parts; a way by it to each port. */
async function proxy(word = 'ok'): Promise<(target: number) => ViaProxy> {
  const port = await listen(
    createServer((client) => {
      client.on('error', () => {});
      client.once('data', (asked) => {
        if (word === 'hang up') return client.destroy();
        client.write(word.slice(0, 1));
        const far: Socket = connect(Number(asked.toString()), '127.0.0.1', () => {
          client.write(`${word.slice(1)}\n`);
          far.pipe(client);
          client.pipe(far);
        });
        far.on('error', () => client.destroy());
      });
    }),
  );
  return (target) => ({ proxy: { host: '127.0.0.1', port }, talk: new LineTalk(target) });
}

/** Dials by a proxy, says hello, and gives back what comes first. */
function hello(via: ViaProxy, tls?: string): Promise<string | CloseReason> {
  return new Promise((resolve) => {
    const remote = { host: '203.0.113.9', port: 9 };
    const connection = new NodeNet().dial(
      { remote, via, ...LIMITS, ...(tls !== undefined && { tls }) },
      {
        connected: (it) => {
          expect(it.remote).toEqual(remote);
          it.write(Buffer.from('GET / HTTP/1.0\r\n\r\n'));
        },
        data: (it, data) => {
          resolve(Buffer.from(data).toString('latin1'));
          it.destroy();
        },
        closed: (_, reason) => resolve(reason),
      },
    );
    expect(connection.outgoing).toBe(true);
  });
}

const greeter = (): Server => createServer((socket) => socket.on('error', () => {}).write('hi'));

describe('by a proxy', () => {
  test('a connection stands with the target, whose first bytes may come along', async () => {
    const target = await listen(greeter());
    expect(await hello((await proxy())(target))).toBe('hi');
  });

  test.each([
    ['ECONNREFUSED', 'ECONNREFUSED'],
    ['hang up', 'EHOSTUNREACH'],
    ['EPROXYAUTH', 'EPROXYAUTH'],
  ])('%s is told as it is', async (word, code) => {
    const target = await listen(greeter());
    expect(await hello((await proxy(word))(target))).toEqual({ kind: 'error', code });
    const tls = await hello((await proxy(word))(target), 'localhost');
    expect(tls).toEqual({ kind: 'error', code });
    const http = new NodeHttp('1').get({
      url: `http://127.0.0.1:${target}/`,
      via: (await proxy(word)).bind(undefined, target),
      timeout: millis(5000),
      maxBytes: 100,
    });
    await expect(http).rejects.toMatchObject({ code: 'network', cause: { code } });
  });

  test('a proxy that is not there', async () => {
    const port = await listen(greeter());
    await new Promise((done) => servers.pop()?.close(done));
    const via = { proxy: { host: '127.0.0.1', port }, talk: new LineTalk(1) };
    expect(await hello(via)).toEqual({ kind: 'error', code: 'EPROXY' });
    expect(await hello({ ...via, talk: new LineTalk(1) }, 'localhost')).toEqual({ kind: 'error', code: 'EPROXY' });
  });

  test('HTTP and HTTPS, by a name that only the proxy knows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ensemble-test-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const make = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=x';
    execFileSync('openssl', [...make.split(' '), '-addext', 'subjectAltName=DNS:x.invalid', '-keyout', key, '-out', cert], { stdio: 'ignore' }); // prettier-ignore
    const pair = { key: await readFile(key), cert: await readFile(cert) };
    await rm(folder, { recursive: true });
    const answer = 'from the target';
    const plain = await listen(createHttp((_, response) => response.end(answer)));
    const secure = await listen(createTls(pair, (_, response) => response.end(answer)));
    const way = await proxy();
    const get = (url: string, target: number) =>
      new NodeHttp('1').get({ url, via: () => way(target), timeout: millis(5000), maxBytes: 100 });
    const got = await get('http://x.invalid/', plain);
    expect([got.status, Buffer.from(got.body).toString(), got.scope]).toEqual([200, answer, 'global']);
    // Nobody vouches for this certificate: that it is looked at shows that TLS was spoken with the target.
    await expect(get('https://x.invalid/', secure)).rejects.toThrow(/self.signed|DEPTH_ZERO/);
    expect(await hello(way(secure), 'x.invalid')).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });
});
