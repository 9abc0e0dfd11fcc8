import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import path from 'node:path';
import type { Request } from '@playwright/test';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';
import { upgradeStatus } from '../../cli/testing/upgrade-status.ts';
import { RpcClient } from '../../core/bridge/window/client.ts';
import type { BridgeTransport } from '../../core/bridge/contract.ts';
import { Mirror } from '../../core/bridge/window/mirror.ts';
import { BRIDGE_PATH, connectSocket, type SocketLike } from '../../core/bridge/line/transports.ts';
import type { AppState } from '../../core/bridge/views.ts';
import { type LocalSwarm, startLocalSwarm } from '../../core/entry/local-swarm.ts';
import { temporary } from './support/places.ts';
import { launchChromium, served, type ServeProcess, startServer } from './support/served.ts';
import { expect } from './support/expect.ts';

const EVIL = 'http://evil.example';

/** The real process: what it refuses to whom, and what malformed messages over a real socket do. */
describe('the served UI', () => {
  let place: Awaited<ReturnType<typeof temporary>>;
  let server: ServeProcess;
  let swarm: LocalSwarm;
  let host = '';
  let token = '';
  let cookie = '';

  beforeAll(async () => {
    place = await temporary();
    swarm = await startLocalSwarm({ folder: place.folder, mebibytes: 1, seeds: 0, uploadRate: 1 });
    server = await startServer(path.join(place.folder, 'state'), place.folder);
    const url = new URL(server.url);
    host = url.host;
    token = url.searchParams.get('token') ?? '';
    const arrived = await ask(`/?token=${token}`);
    expect(arrived.status).toBe(200);
    cookie = arrived.cookie?.split(';')[0] ?? '';
  });
  afterAll(async () => {
    await server.end();
    await swarm.close();
    await place.remove();
  });

  interface Answer {
    readonly status: number;
    readonly cookie: string | undefined;
    readonly body: string;
  }

  function ask(target: string, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(`http://${host}${target}`, { headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, cookie: response.headers['set-cookie']?.[0], body }),
        );
      });
      sent.on('error', reject).end();
    });
  }

  async function openSocket(): Promise<{ socket: NodeSocket; transport: BridgeTransport }> {
    const socket = new NodeSocket(`ws://${host}${BRIDGE_PATH}`, { headers: { cookie, origin: `http://${host}` } });
    return { socket, transport: await connectSocket(socket as unknown as SocketLike) };
  }

  async function mirrored(): Promise<{ client: RpcClient; state(): Promise<AppState> }> {
    const { transport } = await openSocket();
    const client = new RpcClient({ connect: () => Promise.resolve(transport) });
    const mirror = new Mirror(client);
    const state = async (): Promise<AppState> => {
      await expect.poll(() => mirror.now.state !== undefined).toBe(true);
      return mirror.now.state!;
    };
    return { client, state };
  }

  it.each([
    ['no token', 401, '/', {}],
    ['a wrong token', 403, '/?token=wrong', {}],
    ['a wrong cookie', 401, '/', { cookie: 'ensemble=wrong' }],
    ['another host', 421, '/', { host: 'evil.example', cookie: 'OURS' }],
    ['another host with the token', 421, '/?token=TOKEN', { host: 'evil.example' }],
    ['another origin', 403, '/', { origin: EVIL, cookie: 'OURS' }],
    ['another origin with the token', 403, '/?token=TOKEN', { origin: EVIL }],
    ['an origin that is none', 403, '/', { origin: 'null', cookie: 'OURS' }],
  ])('refuses a page to who comes with %s', async (_, status, target, headers) => {
    const answer = await ask(target.replace('TOKEN', token), withCookie(headers));
    expect(answer.status).toBe(status);
    expect(answer.cookie).toBeUndefined();
    expect(answer.body).not.toContain('<script');
  });

  it.each([
    ['no cookie', 401, { origin: 'OURS' }],
    ['a wrong cookie', 401, { origin: 'OURS', cookie: 'ensemble=wrong' }],
    ['another host', 421, { origin: 'OURS', cookie: 'OURS', host: 'evil.example' }],
    ['another host and its origin', 421, { origin: EVIL, cookie: 'OURS', host: 'evil.example' }],
    ['another origin', 403, { origin: EVIL, cookie: 'OURS' }],
    ['an origin that is none', 403, { origin: 'null', cookie: 'OURS' }],
    ['no origin', 403, { cookie: 'OURS' }],
    ['all that it takes', 101, { origin: 'OURS', cookie: 'OURS' }],
  ])('a WebSocket for who comes with %s: %i', async (_, status, headers) => {
    expect(await upgradeStatus(`ws://${host}${BRIDGE_PATH}`, withCookie(headers))).toBe(status);
  });

  /** `OURS` stands for the value that our own page would send. */
  function withCookie(headers: Record<string, string>): Record<string, string> {
    const ours: Record<string, string> = { cookie, origin: `http://${host}` };
    return Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v === 'OURS' ? (ours[k] ?? v) : v]));
  }

  it.skipIf(served.missing !== undefined)('lets no other page in a browser that has the cookie in', async () => {
    const outside = createServer((_request, response) => response.end('<title>outside</title>'));
    outside.listen(0, '127.0.0.1');
    await once(outside, 'listening');
    const { port } = outside.address() as AddressInfo;
    const browser = await launchChromium();
    try {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(server.url);
      await page.getByRole('button', { name: 'Add torrent' }).waitFor();
      // Another site, and another server at our own address, as cookies do not distinguish ports.
      for (const name of ['localhost', '127.0.0.1']) {
        const other = await context.newPage();
        await other.goto(`http://${name}:${port}/`);
        const tried = await other.evaluate(async (target) => {
          const socket = new WebSocket(`ws://${target}/bridge`);
          const opened = new Promise<string>((resolve) => {
            socket.onopen = () => resolve('open');
            socket.onerror = () => resolve('refused');
          });
          const read = await fetch(`http://${target}/`, { credentials: 'include' }).then(
            () => 'read',
            () => 'refused',
          );
          return [await opened, read];
        }, host);
        expect(tried, name).toEqual(['refused', 'refused']);
      }
    } finally {
      await browser.close();
      outside.close();
    }
  });

  it.skipIf(served.missing !== undefined)(
    'no page locks the user out, and a link in one leads in by a click',
    async () => {
      const sent = `http://${host}/?token=`;
      const outside = createServer((_request, response) => {
        response.setHeader('Content-Type', 'text/html');
        const guesses = Array.from({ length: 20 }, (_, n) => `${sent}guess-${n}`);
        const pictures = guesses.map((url) => `<img alt="" src="${url}"><iframe src="${url}"></iframe>`).join('');
        response.end(
          `<title>outside</title>${pictures}<script src="${sent}guess"></script><a href="${sent}${token}">in</a>`,
        );
      });
      outside.listen(0, '127.0.0.1');
      await once(outside, 'listening');
      const { port } = outside.address() as AddressInfo;
      const browser = await launchChromium();
      try {
        for (const name of ['localhost', '127.0.0.1']) {
          const context = await browser.newContext();
          const page = await context.newPage();
          // The page gets no response for what may not be shown there.
          const over = new Set<unknown>();
          const end = (request: Request): unknown => request.url().startsWith(sent) && over.add(request);
          page.on('requestfailed', end).on('requestfinished', end);
          await page.goto(`http://${name}:${port}/`);
          await expect.poll(() => over.size).toBe(41);
          // None of these counts as an attempt: this wrong one is not the sixth.
          expect((await ask('/?token=wrong')).status).toBe(403);
          await page.getByRole('link', { name: 'in' }).click();
          await page.getByRole('link', { name: 'Open it' }).click();
          await page.getByRole('button', { name: 'Add torrent' }).waitFor();
          await context.close();
        }
      } finally {
        await browser.close();
        outside.close();
      }
    },
  );

  it('500 connections of strangers keep nobody out, whatever they say and leave open', async () => {
    const upgrade = `GET ${BRIDGE_PATH} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    for (const text of ['', 'GET / HTTP/1.1\r\nX: ', upgrade, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`]) {
      const strangers = Array.from({ length: 500 }, () => {
        const { hostname, port } = new URL(server.url);
        const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
        socket.on('error', () => {}).on('data', () => {});
        socket.write(text);
        return socket;
      });
      await Promise.all(strangers.map((socket) => once(socket, 'connect').catch(() => undefined)));
      expect((await ask('/', { cookie })).status).toBe(200);
      expect((await ask(`/?token=${token}`)).status).toBe(200);
      for (const socket of strangers) socket.destroy();
    }
  });

  it('whoever begins a request and does not end it has no connection any more after a while', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let heard = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (heard += chunk));
    socket.write('GET / HTTP/1.1\r\n');
    await once(socket, 'close');
    expect(heard).toContain(' 408 ');
  });

  it('a message of millions of values ends its window, and answers that nobody reads stay few', async () => {
    const memory = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]);
    const before = memory();
    const { socket } = await openSocket();
    const header = Buffer.from(`[${'{},'.repeat(11_600_000)}{}]`);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(header.length);
    socket.send(Buffer.concat([size, header, Buffer.alloc(8)]));
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1003);

    for (let n = 0; n < 500; n++)
      await mkdir(path.join(place.folder, 'many', `${'long-name-'.repeat(20)}${n}`), { recursive: true });
    const { socket: mute, transport } = await openSocket();
    (mute as unknown as { _socket: Socket })._socket.pause();
    for (let n = 0; n < 3000; n++) {
      transport.post({ t: 'q', m: 'command', a: ['browse', { folder: path.join(place.folder, 'many') }], i: `b${n}` });
    }
    // This window's commands wait; those of other windows do not.
    const { client, state } = await mirrored();
    await state();
    for (let n = 0; n < 50; n++) await client.call('browse', { folder: path.join(place.folder, 'many') });
    expect(memory() - before).toBeLessThan(200 * 1024);
    mute.terminate();
    client.close();
  });

  it('answers a malformed message with an error, and changes nothing', async () => {
    const { client } = await mirrored();
    const options = { output: path.join(place.folder, 'out'), paused: true };
    const key = await client.call('add', {
      source: { kind: 'torrent', data: new Uint8Array(swarm.torrent) },
      options,
    });
    const earlier = await mirrored();
    const before = changing(await earlier.state());
    expect(before).toMatchObject({ downloads: [{ state: 'paused' }] });

    const { socket, transport } = await openSocket();
    const answers: { i?: string; r?: { ok?: boolean; code?: string }; e?: unknown }[] = [];
    transport.onMessage((message) => answers.push(message as (typeof answers)[number]));
    const messages = [
      ['remove', { key: 'not one', data: true }],
      ['remove', { key }],
      ['resume', { key, more: 1 }],
      ['change', { key, changes: { output: '/etc' } }],
      ['changeSettings', { changes: { identities: 4000 } }],
      ['add', { source: { kind: 'torrent', data: 'x' }, options }],
      ['__proto__', null],
    ].map((a, i) => ({ t: 'q', m: 'command', a, i: `c${i}` }));
    const others = [
      { t: 'q', m: 'remove', a: [{ key, data: true }], i: 'o1' },
      { t: 'q', m: 'command', a: 'remove', i: 'o2' },
      { t: 'x', i: 'o3' },
    ];
    for (const message of [...messages, ...others]) transport.post(message);
    await expect.poll(() => answers.length).toBe(messages.length + others.length);
    for (const { i, r } of answers) expect(r, i).toMatchObject({ ok: false, code: 'invalid-message' });

    // Data that is no message at all ends its own connection, and no other.
    for (const nonsense of [
      'text',
      Buffer.from([255, 255, 255, 255, 1]),
      Buffer.from('\u0000\u0000\u0000\u0004{no}'),
    ]) {
      const { socket: bad } = await openSocket();
      bad.send(nonsense);
      const [code] = (await once(bad, 'close')) as [number];
      expect(code).toBe(1003);
    }
    expect(socket.readyState).toBe(NodeSocket.OPEN);
    const other = await mirrored();
    expect(changing(await other.state())).toEqual(before);
    await client.call('remove', { key, data: false });
    socket.close();
    for (const one of [client, earlier.client, other.client]) one.close();
  });
});

/** Everything that a command could have changed. */
const changing = ({ downloads, settings, demo, addresses }: AppState): object => ({
  downloads: downloads.map((one) => ({ ...one, overview: null })),
  settings,
  demo,
  addresses,
});
