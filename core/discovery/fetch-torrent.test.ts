import { expect, test } from 'vitest';
import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import type { HttpResponse } from '../ports/http.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { fetchTorrent } from './fetch-torrent.ts';

const URL_ = 'http://files.example/a.torrent';
const body = new TextEncoder().encode('d4:infode');

function fetched(answer: HttpResponse | undefined, more: Record<string, HttpResponse> = {}, host = '192.0.43.8') {
  const clock = new VirtualClock();
  const http = new SimHttp(clock);
  if (answer !== undefined) http.on(URL_, () => answer, host);
  for (const [url, response] of Object.entries(more)) http.on(url, () => response, new URL(url).hostname);
  return { http, done: clock.resolve(fetchTorrent({ http, clock }, URL_, '10.0.0.5')) };
}

test('a torrent comes from its own address, bounded, also over a redirect', async () => {
  const { http, done } = fetched(
    { status: 302, body: new Uint8Array(0), location: 'http://192.0.43.9/b.torrent' },
    { 'http://192.0.43.9/b.torrent': { status: 200, body } },
  );
  expect(await done).toEqual({ kind: 'torrent', data: body });
  expect(http.requests).toHaveLength(2);
  for (const request of http.requests)
    expect(request).toMatchObject({ localAddress: '10.0.0.5', maxBytes: MAX_TORRENT_BYTES });
});

test('it may lead to a magnet link', async () => {
  const link = `magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=a`;
  const { http, done } = fetched({ status: 301, body: new Uint8Array(0), location: link });
  expect(await done).toEqual({ kind: 'magnet', link });
  expect(http.requests).toHaveLength(1);
});

test.each<[string, HttpResponse | undefined, Record<string, HttpResponse>, RegExp]>([
  ['an error page', { status: 404, body }, {}, /files\.example.*404/],
  ['a page to sign in', { status: 200, body: new TextEncoder().encode('<html>') }, {}, /no torrent file/],
  ['nothing', { status: 200, body: new Uint8Array(0) }, {}, /no torrent file/],
  ['nobody', undefined, {}, /nothing listens/],
  [
    'one that sends us inside',
    { status: 302, body: new Uint8Array(0), location: 'http://127.0.0.1/x' },
    { 'http://127.0.0.1/x': { status: 200, body } },
    /./,
  ],
])('%s is refused with a sentence', async (_, answer, more, sentence) => {
  await expect(fetched(answer, more).done).rejects.toThrow(sentence);
});
