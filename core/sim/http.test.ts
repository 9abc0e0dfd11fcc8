import { describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { HttpRequest } from '../ports/http.ts';
import { VirtualClock } from './clock.ts';
import { SimHttp } from './http.ts';

const body = new TextEncoder().encode('d5:peers0:e');
const request = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  url,
  timeout: millis(1000),
  maxBytes: 100,
  ...more,
});

describe('SimHttp', () => {
  test('answers by address without the query, and keeps what was asked', async () => {
    const clock = new VirtualClock();
    const http = new SimHttp(clock);
    http.on('http://t.example/announce', (asked) => ({ status: asked.url.endsWith('x=1') ? 200 : 404, body }));
    expect(await http.get(request('http://t.example/announce?x=1'))).toEqual({ status: 200, body });
    expect(http.requests).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test.each<[string, Partial<HttpRequest>, string]>([
    ['http://none.example/', {}, 'ECONNREFUSED'],
    ['http://slow.example/', {}, 'ETIMEDOUT'],
    ['http://t.example/', { maxBytes: 5 }, 'longer than 5'],
    ['http://t.example/', { signal: AbortSignal.abort() }, 'stopped'],
  ])('%s fails', async (url, more, part) => {
    const clock = new VirtualClock();
    const http = new SimHttp(clock);
    http.on('http://t.example/', () => ({ status: 200, body }));
    http.on('http://slow.example/', () => new Promise(() => {}));
    await expect(clock.resolve(http.get(request(url, more)))).rejects.toThrow(part);
  });
});
