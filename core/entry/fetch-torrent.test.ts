import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchTorrentFile } from './fetch-torrent.ts';

const servers: Server[] = [];
let seen: string[];
let web: number;
let proxy: number;

beforeEach(async () => {
  seen = [];
  const site = createServer((request, response) => {
    seen.push(`GET ${request.url}`);
    response.end('d4:infodee');
  });
  web = await listen(site);
  const tunnels = createServer();
  // Only it knows the server's name.
  tunnels.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    const far = connect(web, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      far.pipe(socket).pipe(far);
    });
    for (const end of [far, socket]) end.on('error', () => end.destroy());
  });
  proxy = await listen(tunnels);
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

function listen(server: Server): Promise<number> {
  servers.push(server);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

test('without a proxy it is fetched from here', async () => {
  const found = await fetchTorrentFile(`http://127.0.0.1:${web}/a.torrent`, { bind: [], proxies: [] });
  const data = found.kind === 'torrent' ? found.data : '';
  expect([String(Buffer.from(data)), seen]).toEqual(['d4:infodee', ['GET /a.torrent']]);
});

test('with a proxy by it alone, the name of the server too', async () => {
  const way = { bind: ['127.0.0.1'], proxies: [`http://user:word@127.0.0.1:${proxy}`] };
  await fetchTorrentFile('http://files.example/a.torrent', way);
  expect(seen).toEqual(['CONNECT files.example:80', 'GET /a.torrent']);
});

test('where the proxy is gone nothing is fetched, and no password is told', async () => {
  const way = { bind: [], proxies: ['socks5://user:word@127.0.0.1:9'] };
  const fetching = fetchTorrentFile(`http://127.0.0.1:${web}/a.torrent`, way);
  await expect(fetching).rejects.toMatchObject({ code: 'network', message: expect.not.stringContaining('word') });
  expect(seen).toEqual([]);
});
