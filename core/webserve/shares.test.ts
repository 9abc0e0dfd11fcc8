import { beforeEach, describe, expect, test } from 'vitest';
import type { TorrentKey } from '../base/ids.ts';
import { FakeContent } from '../engine/testing/fake-content.ts';
import type { ServedAnswer } from '../ports/http-server.ts';
import { SeededRandom } from '../sim/random.ts';
import { Shares } from './shares.ts';

const DATA = Uint8Array.from({ length: 1000 }, (_, i) => i & 255);
const ETAG = `"${'a'.repeat(40)}-0"`;

let content: FakeContent;
let shares: Shares;
let base: string;

beforeEach(() => {
  content = new FakeContent([
    { path: ['T', 'film.mp4'], data: DATA },
    { path: ['T', 'empty'], data: new Uint8Array() },
    { path: ['T', 'page.html'], data: DATA },
  ]);
  shares = new Shares((key) => (key === content.key ? content : undefined), new SeededRandom(3));
  base = shares.share(content.key, 'there');
});

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): ServedAnswer =>
  shares.answer({ method, path, header: (name) => headers[name] });

async function body(answer: ServedAnswer): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of answer.body?.(new AbortController().signal) ?? []) parts.push(part);
  return Buffer.concat(parts);
}

describe('a file that is there', () => {
  test('comes whole, with its length, type and tag', async () => {
    const answer = ask(`${base}T/film.mp4`);
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'Content-Length': 1000, 'Content-Type': 'video/mp4', 'Accept-Ranges': 'bytes', ETag: ETAG },
    });
    expect(await body(answer)).toEqual(Buffer.from(DATA));
    expect([content.open, content.urgent]).toEqual([0, []]);
  });

  test.each([
    ['bytes=10-19', 206, 'bytes 10-19/1000', 10],
    ['bytes=990-', 206, 'bytes 990-999/1000', 10],
    ['bytes=-1', 206, 'bytes 999-999/1000', 1],
    ['bytes=1000-', 416, 'bytes */1000', 0],
  ])('%s', async (range, status, contentRange, length) => {
    const answer = ask(`${base}T/film.mp4`, { range });
    expect(answer).toMatchObject({ status, headers: { 'Content-Range': contentRange, 'Content-Length': length } });
    expect((await body(answer)).length).toBe(length);
  });

  test('several ranges come as parts, and the length is right', async () => {
    const answer = ask(`${base}T/film.mp4`, { range: 'bytes=0-9, 500-501,-3' });
    const type = String(answer.headers['Content-Type']);
    const boundary = /^multipart\/byteranges; boundary=([\w-]{20,70})$/.exec(type)?.[1] ?? '';
    const all = await body(answer);
    expect([answer.status, all.length]).toEqual([206, answer.headers['Content-Length']]);
    const parts = Buffer.from(all).toString('latin1').split(`--${boundary}`);
    expect(parts).toHaveLength(5);
    expect(parts[2]).toBe('\r\nContent-Type: video/mp4\r\nContent-Range: bytes 500-501/1000\r\n\r\n\xf4\xf5\r\n');
    expect(parts[4]).toBe('--\r\n');
  });

  test.each([
    [{ 'if-none-match': ETAG }, 304],
    [{ 'if-none-match': `"x", W/${ETAG}` }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': '*' }, 200],
    [{ 'if-range': ETAG, range: 'bytes=0-1' }, 206],
    [{ 'if-range': '"x"', range: 'bytes=0-1' }, 200],
    [{ 'if-range': `W/${ETAG}`, range: 'bytes=0-1' }, 200],
    [{ 'if-range': 'Wed, 21 Oct 2015 07:28:00 GMT', range: 'bytes=0-1' }, 200],
  ])('%j: %i', (headers, status) => {
    expect(ask(`${base}T/film.mp4`, headers as Record<string, string>).status).toBe(status);
  });

  test('HEAD has the same head, no body, and no ranges', () => {
    const answer = ask(`${base}T/film.mp4`, { range: 'bytes=0-1' }, 'HEAD');
    expect(answer).toMatchObject({ status: 200, headers: { 'Content-Length': 1000 } });
    expect(answer.body).toBeUndefined();
  });

  test('one without bytes too', async () => {
    const answer = ask(`${base}T/empty`);
    expect([answer.status, (await body(answer)).length]).toEqual([200, 0]);
  });

  test('nothing in it runs in a browser', () => {
    const { headers } = ask(`${base}T/page.html`);
    expect(headers['Content-Security-Policy']).toMatch(/default-src 'none'.*sandbox/);
    expect(headers['X-Content-Type-Options']).toBe('nosniff');
  });
});

describe('who does not know the path', () => {
  test.each(['/', '/T/film.mp4', '/x/T/film.mp4', `/${'a'.repeat(43)}/T/film.mp4`])('gets nothing at %s', (path) => {
    expect(ask(path)).toMatchObject({ status: 404, headers: { 'Content-Length': 0 } });
  });

  test('gets nothing but the torrent’s own files either', () => {
    for (const path of [
      '',
      'T',
      'T/',
      'T/x',
      'film.mp4',
      'T/../T/film.mp4',
      'T/%2e%2e/film.mp4',
      'T/film.mp4/',
      'T%2Ffilm.mp4',
    ]) {
      expect([path, ask(`${base}${path}`).status]).toEqual([path, 404]);
    }
  });

  test('cannot ask for anything but reading', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])
      expect(ask(`${base}T/film.mp4`, {}, method)).toMatchObject({ status: 405, headers: { Allow: 'GET, HEAD' } });
  });
});

test('a path is the same each time, another one for each download and manner, or the one that its user keeps', () => {
  expect(shares.share(content.key, 'there')).toBe(base);
  const others = [shares.share(content.key, 'follow'), shares.share('b'.repeat(40) as TorrentKey, 'there')];
  expect(new Set([base, ...others]).size).toBe(3);
  for (const path of [base, ...others]) expect(path).toMatch(/^\/[\w-]{43}\/$/);
  expect(shares.share('c'.repeat(40) as TorrentKey, 'there', 'kept-over-many-runs')).toBe('/kept-over-many-runs/');
});

describe('where all downloads are given out', () => {
  const proof = (key: string): string => `${key.slice(0, 4)}${'x'.repeat(39)}`;
  beforeEach(() => {
    const of = (key: TorrentKey): FakeContent | undefined => (key === content.key ? content : undefined);
    shares = new Shares(of, new SeededRandom(3), proof);
  });

  test('each has a path of its own, which nobody makes who does not know the proof', async () => {
    const path = shares.keptPath(content.key)!;
    expect(await body(ask(`${path}T/film.mp4`))).toEqual(Buffer.from(DATA));
    for (const wrong of [
      '',
      'x'.repeat(43),
      proof('b'.repeat(40)),
      `${proof(content.key)}x`,
      proof(content.key).slice(1),
    ])
      expect(ask(`/${content.key}-${wrong}/T/film.mp4`).status).toBe(404);
    expect(ask(`${shares.keptPath('b'.repeat(40) as TorrentKey)!}T/film.mp4`).status).toBe(404);
  });

  test('what is not there yet is refused for now', () => {
    content.arrive(0, 500);
    expect(ask(`${shares.keptPath(content.key)!}T/film.mp4`).status).toBe(503);
  });
});

describe('what is not there yet', () => {
  beforeEach(() => content.arrive(0, 500));

  test.each([
    ['bytes=0-499', 206],
    ['bytes=0-9,490-499', 206],
    ['bytes=0-500', 503],
    ['bytes=0-9,600-609', 503],
    [undefined, 503],
  ])('is refused to a web seed’s client for now: %s', (range, status) => {
    const answer = ask(`${base}T/film.mp4`, range === undefined ? {} : { range });
    expect(answer.status).toBe(status);
    if (status === 503) expect(answer.headers['Retry-After']).toBe(60);
  });

  test('is waited for by a player, and comes first', async () => {
    const play = shares.share(content.key, 'follow');
    const answer = ask(`${play}T/film.mp4`, { range: 'bytes=400-' });
    expect(answer).toMatchObject({ status: 206, headers: { 'Content-Length': 600 } });
    const whole = body(answer);
    await Promise.resolve();
    content.arrive(0, 700);
    await new Promise(setImmediate);
    content.arrive(0, 1000);
    expect(await whole).toEqual(Buffer.from(DATA.subarray(400)));
    expect([content.urgent, content.open]).toEqual([[400, 500, 700], 0]);
  });

  test('is not read on once nobody listens', async () => {
    const play = shares.share(content.key, 'follow');
    const gone = new AbortController();
    const parts = ask(`${play}T/film.mp4`).body!(gone.signal)[Symbol.asyncIterator]();
    expect((await parts.next()).value).toHaveLength(500);
    const next = parts.next();
    gone.abort();
    await expect(next).rejects.toMatchObject({ code: 'interrupted' });
    expect(content.open).toBe(0);
  });
});
