import { describe, expect, it } from 'vitest';
import { millis } from '../base/ids.ts';
import type { InfoHashV1, PeerId } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import type { HttpResponse } from '../ports/http.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import type { AnnounceRequest, AnnounceResult } from './announce.ts';
import { HttpTracker } from './http-tracker.ts';

const request: AnnounceRequest = {
  infoHash: 'aa'.repeat(20) as InfoHashV1,
  peerId: 'bb'.repeat(20) as PeerId,
  key: 7,
  port: 6881,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  numWant: 50,
};
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

function setUp(answer: () => HttpResponse, address?: string) {
  const clock = new VirtualClock();
  const http = new SimHttp(clock);
  http.on('http://t.example/announce', answer);
  const url = 'http://t.example/announce?pass=x';
  const tracker = new HttpTracker({ ports: { http, clock }, url, ...(address !== undefined && { address }) });
  const { signal } = new AbortController();
  const announce = (total?: number): Promise<AnnounceResult> =>
    clock.resolve(tracker.announce(request, { signal, ...(total !== undefined && { total: millis(total) }) }));
  return { http, announce };
}

describe('HttpTracker', () => {
  it('bounds the request in time and size, and binds it', async () => {
    const s = setUp(() => ({ status: 200, body: encode({ interval: 60 }) }), '2001:db8::1');
    await s.announce();
    await s.announce(3_000);
    const bounds = { maxBytes: 1024 * 1024, localAddress: '2001:db8::1', family: 6 };
    expect(s.http.requests).toMatchObject([
      { ...bounds, timeout: 30_000 },
      { ...bounds, timeout: 3_000 },
    ]);
  });

  it('announces wherever it is sent to, under the name that it has there', async () => {
    const s = setUp(() => ({ status: 301, body: new Uint8Array(), location: 'http://u.example/new?pass=y' }));
    s.http.on('http://u.example/new', () => ({ status: 200, body: encode({ interval: 1800 }) }));
    expect(await s.announce()).toMatchObject({ kind: 'answer', interval: 1_800_000 });
    const [first, second] = s.http.requests.map(({ url }) => url);
    expect(second).toBe(first?.replace('t.example/announce?pass=x', 'u.example/new?pass=y'));
    expect(second).toContain('&peer_id=');
  });

  it('says the tracker id back until it hears another', async () => {
    const ids = [text('one'), undefined, text('two'), undefined];
    const s = setUp(() => {
      const id = ids.shift();
      return { status: 200, body: encode({ interval: 60, ...(id && { 'tracker id': id }) }) };
    });
    for (let i = 0; i < 4; i++) await s.announce();
    const said = s.http.requests.map(({ url }) => new URL(url).searchParams.get('trackerid'));
    expect(said).toEqual([null, 'one', 'one', 'two']);
  });

  it('reads the reason in the body of an HTTP error', async () => {
    const s = setUp(() => ({ status: 403, body: encode({ 'failure reason': text('no such user') }) }));
    expect(await s.announce()).toEqual({ kind: 'refusal', reason: 'no such user' });
  });

  it.each([
    ['a page', text('<html>')],
    ['nothing', new Uint8Array()],
    ['what looks like an answer', encode({ interval: 60 })],
  ])('says the status where an HTTP error bears %s', async (_, body) => {
    const s = setUp(() => ({ status: 502, body }));
    await expect(s.announce()).rejects.toMatchObject({ code: 'tracker', message: expect.stringMatching(/status 502/) });
  });

  const why = encode({ 'failure reason': text('busy') });
  const whyAndWhen = encode({ 'failure reason': text('busy'), 'retry in': 2 });
  const plain = 'The tracker answered with HTTP status 429';
  it.each([
    ['no reason', new Uint8Array(), 90, plain, 90_000],
    ['a reason', why, 90, 'busy', 90_000],
    ['a reason that says itself how long', whyAndWhen, 90, 'busy', 120_000],
    ['more than a day', why, 1e6, 'busy', 86_400_000],
  ])('waits as long as the headers of an HTTP error ask: %s', async (_, body, seconds, reason, retryIn) => {
    const s = setUp(() => ({ status: 429, body, retryAfter: millis(seconds * 1000) }));
    expect(await s.announce()).toEqual({ kind: 'refusal', reason, retryIn });
  });

  it.each([1024 * 1024 + 1, 5_000_000])('refuses an answer of %i bytes', async (length) => {
    const s = setUp(() => ({ status: 200, body: new Uint8Array(length) }));
    await expect(s.announce()).rejects.toMatchObject({ code: 'network' });
  });
});
