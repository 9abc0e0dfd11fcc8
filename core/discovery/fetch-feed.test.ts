import { expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { HttpResponse } from '../ports/http.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { fetchFeed } from './fetch-feed.ts';

const URL_ = 'http://feeds.example/rss';
const body = new TextEncoder().encode('<rss/>');

function fetched(answer: HttpResponse, known = {}) {
  const clock = new VirtualClock();
  const http = new SimHttp(clock);
  http.on(URL_, () => answer, '192.0.43.8');
  const asked = { url: URL_, known, maxBytes: 1000, address: '10.0.0.5' };
  return { http, done: clock.resolve(fetchFeed({ http, clock }, asked)) };
}

test('what a server says of its state is sent back to it, and nothing new is nothing', async () => {
  const first = fetched({ status: 200, body, etag: '"1"', lastModified: 'Wed, 21 Oct 2015 07:28:00 GMT' });
  const validators = { etag: '"1"', lastModified: 'Wed, 21 Oct 2015 07:28:00 GMT' };
  expect(await first.done).toEqual({ body, validators, scope: 'global' });
  expect(first.http.requests).toMatchObject([{ localAddress: '10.0.0.5', maxBytes: 1000 }]);
  expect(Object.keys(first.http.requests[0]!.headers!)).toEqual(['Accept']);
  const second = fetched({ status: 304, body: new Uint8Array(0) }, validators);
  expect(await second.done).toEqual({ body: undefined, validators, scope: 'global' });
  expect(second.http.requests[0]?.headers).toMatchObject({
    'If-None-Match': '"1"',
    'If-Modified-Since': 'Wed, 21 Oct 2015 07:28:00 GMT',
  });
});

test('what cannot be sent back is forgotten', async () => {
  const { done } = fetched({ status: 200, body, etag: 'a'.repeat(2000), lastModified: 'x\u0001' });
  expect(await done).toMatchObject({ validators: {} });
});

test('a refusal is told, and how long to wait; too much is an error', async () => {
  const busy = fetched({ status: 429, body, retryAfter: millis(90_000) });
  expect(await busy.done).toEqual({ refused: expect.stringContaining('429') as string, retryAfter: 90_000 });
  await expect(fetched({ status: 200, body: new Uint8Array(1001) }).done).rejects.toThrow(/longer/);
});
