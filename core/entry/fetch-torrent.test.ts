import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { fetchTorrentFile } from './fetch-torrent.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An HTTP proxy that answers for every target with a file itself; resolves to its URL. */
async function proxy(asked: string[]): Promise<string> {
  const server = createServer();
  server.on('connect', ({ url = '' }, socket: Socket) => {
    asked.push(url);
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nde'));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a torrent file is fetched through the first proxy alone, which looks the name up', async () => {
  const asked: string[] = [];
  const way = { bind: [], proxies: [await proxy(asked), 'http://127.0.0.1:1'] };
  expect(Buffer.from(await fetchTorrentFile('http://files.invalid/a.torrent', way)).toString()).toBe('de');
  expect(asked).toEqual(['files.invalid:80']);
});

test('where the proxy is gone nothing goes beside it', async () => {
  const asked: string[] = [];
  // A server that would answer, if it were asked.
  const direct = createServer((_, response) => (asked.push('direct'), response.end('de')));
  servers.push(direct);
  await new Promise<void>((resolve) => direct.listen(0, '127.0.0.1', resolve));
  const { port } = direct.address() as AddressInfo;
  const fetching = fetchTorrentFile(`http://127.0.0.1:${port}/a`, { bind: [], proxies: ['socks5://127.0.0.1:1'] });
  await expect(fetching).rejects.toMatchObject({ code: 'network' });
  expect(asked).toEqual([]);
});
