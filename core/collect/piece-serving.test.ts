import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { bytesPerSecond, millis, type PieceIndex } from '../base/ids.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { ServedAnswer, ServedRequest } from '../ports/http-server.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SeededRandom } from '../sim/random.ts';
import { testTorrent } from '../store/testing/torrent.ts';
import { PieceServing } from './piece-serving.ts';
import { authorization, proofOf, readChallenge } from './proof.ts';

const KIB = 1024;
const { info, content: payload } = testTorrent([700 * KIB + 5], 256 * KIB);
const SECRET = new Uint8Array(32).fill(3);

class World {
  readonly clock = new VirtualClock();
  readonly here = new Set([0, 2]);
  readonly serving: PieceServing;
  secret: Uint8Array | undefined = SECRET;
  gave = 0;

  constructor(rate = 0) {
    this.serving = new PieceServing({
      ports: { clock: this.clock, random: new SeededRandom(1) },
      infoHash: info.infoHash,
      geometry: new Geometry(info),
      secret: () => this.secret,
      has: (p) => this.here.has(p),
      read: (p: PieceIndex, begin, into) => {
        const at = p * info.pieceLength + begin;
        into.set(payload.subarray(at, at + into.length));
        return Promise.resolve();
      },
      limit: new TokenBucket(bytesPerSecond(rate), this.clock.now()),
      gave: (bytes) => (this.gave += bytes),
    });
  }

  ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): ServedAnswer {
    const request: ServedRequest = { method, path, header: (name) => headers[name] };
    return this.serving.answer(request);
  }

  get nonce(): string {
    const { headers } = this.ask('/');
    return readChallenge(String(headers['WWW-Authenticate'])) ?? '';
  }

  /** Asks as one of the group. */
  member(list: string, range = '', nonce = this.nonce, secret = SECRET): ServedAnswer {
    const path = `/${info.infoHash}/${list}`;
    const mac = proofOf(secret, { method: 'GET', path, range, nonce });
    return this.ask(path, { authorization: authorization({ nonce, mac }), ...(range !== '' && { range }) });
  }

  async body(answer: ServedAnswer, signal = new AbortController().signal): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of answer.body?.(signal) ?? []) parts.push(part);
    return concatBytes(...parts);
  }
}

const bytesOf = (p: number): Uint8Array => payload.subarray(p * info.pieceLength, (p + 1) * info.pieceLength);

describe('one of the group', () => {
  test('gets the pieces that are here, one behind the other', async () => {
    const world = new World();
    const answer = world.member('0,2');
    const right = concatBytes(bytesOf(0), bytesOf(2));
    expect(answer).toMatchObject({ status: 206, headers: { 'Content-Length': right.length } });
    expect(await world.body(answer)).toEqual(right);
    expect(world.gave).toBe(right.length);
  });

  test.each([
    ['bytes=5-9', 5, 10],
    ['bytes=262140-262150', 262_140, 262_151],
    ['bytes=300000-99999999', 300_000, undefined],
  ])('gets %s of them', async (range, from, to) => {
    const world = new World();
    const right = concatBytes(bytesOf(0), bytesOf(2)).slice(from, to);
    const answer = world.member('0,2', range);
    expect(answer.headers['Content-Length']).toBe(right.length);
    expect(await world.body(answer)).toEqual(right);
  });

  test.each([
    ['0-2', '', 503],
    ['1', '', 503],
    ['7', '', 404],
    ['0', 'bytes=262144-262150', 416],
    ['0', 'bytes=9-5', 416],
  ])('gets nothing for %s %s: %i', (list, range, status) => {
    const answer = new World().member(list, range);
    expect(answer.status).toBe(status);
    expect(answer.body).toBeUndefined();
  });

  test('is given no more than the limit lets pass', async () => {
    const world = new World(100 * KIB);
    const reading = world.body(world.member('0,2'));
    let got: Uint8Array | undefined;
    void reading.then((data) => (got = data));
    await world.clock.advance(1_500);
    expect(got).toBeUndefined();
    // What was saved up, what came since, and the last part of it.
    expect(world.gave).toBeGreaterThan(150 * KIB);
    expect(world.gave).toBeLessThanOrEqual(216 * KIB);
    await world.clock.advance(10_000);
    expect(got).toHaveLength(bytesOf(0).length + bytesOf(2).length);
  });

  test('hears from us before it would take us for gone, also where many share a low limit', async () => {
    const world = new World(32 * KIB);
    let heardAt = world.clock.now();
    let longest = 0;
    const reading = Array.from({ length: 20 }, async (_, i) => {
      for await (const part of world.member('0,2').body?.(new AbortController().signal) ?? []) {
        if (i > 0 || part.length === 0) continue;
        longest = Math.max(longest, world.clock.now() - heardAt);
        heardAt = world.clock.now();
      }
    });
    await world.clock.advance(400_000);
    await Promise.all(reading);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(30_000);
  });
});

describe('a stranger gets nothing, and does not learn what is here', () => {
  const answers = (world: World): ServedAnswer[] => [
    world.ask(`/${info.infoHash}/0`),
    world.ask(`/${info.infoHash}/99999`),
    world.ask('/'),
    world.ask(`/${'0'.repeat(40)}/0`, { authorization: 'Basic YTpi' }),
    world.member('0', '', world.nonce, new Uint8Array(32)),
    world.member('0', '', 'f'.repeat(32)),
    world.ask(`/${info.infoHash}/0`, { authorization: `Ensemble nonce="${world.nonce}", mac="${'0'.repeat(64)}"` }),
  ];

  test('without the secret, with a wrong one, with a proof of nothing', () => {
    const world = new World();
    const [first, ...others] = answers(world);
    expect(first).toMatchObject({ status: 401, headers: { 'Content-Length': 0 } });
    for (const other of others) expect(other).toEqual(first);
  });

  test('with a proof that was made for another request', () => {
    const world = new World();
    const { nonce } = world;
    const path = `/${info.infoHash}/0`;
    const mac = proofOf(SECRET, { method: 'GET', path, range: '', nonce });
    const header = authorization({ nonce, mac });
    expect(world.ask(path, { authorization: header }).status).toBe(206);
    expect(world.ask(`/${info.infoHash}/2`, { authorization: header }).status).toBe(401);
    expect(world.ask(path, { authorization: header, range: 'bytes=0-1' }).status).toBe(401);
  });

  test('with a proof that is old', async () => {
    const world = new World();
    const { nonce } = world;
    expect(world.member('0', '', nonce).status).toBe(206);
    await world.clock.advance(millis(301_000));
    // Who asked just before goes on with it.
    expect(world.member('0', '', nonce).status).toBe(206);
    expect(world.nonce).not.toBe(nonce);
    await world.clock.advance(millis(301_000));
    expect(world.member('0', '', nonce).status).toBe(401);
    await world.clock.advance(millis(10_000_000));
    expect(world.member('0', '', world.nonce).status).toBe(206);
  });

  test('while the group has no secret nobody is one of it', () => {
    const world = new World();
    world.secret = undefined;
    expect(world.member('0').status).toBe(401);
  });

  test('by another method', () => {
    for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS']) expect(new World().ask('/', {}, method).status).toBe(405);
  });
});
