import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, isDict } from '../bencode/bencode.ts';
import type { BencodeDict } from '../bencode/bencode.ts';
import { startLocalTracker } from './local-tracker.ts';
import type { LocalTracker } from './local-tracker.ts';

let tracker: LocalTracker;
beforeAll(async () => {
  tracker = await startLocalTracker({ interval: 7 });
});
afterAll(() => tracker.close());

const id = (letter: string): string => letter.repeat(20);
async function announce(fields: Record<string, string | number>): Promise<BencodeDict> {
  const query = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
  const response = await fetch(`${tracker.url}?${query.join('&')}`);
  const value = decode(new Uint8Array(await response.arrayBuffer()));
  if (!isDict(value)) throw new Error('no dictionary');
  return value;
}

describe('startLocalTracker', () => {
  it('shows peers to each other, counts them, and forgets those that stop', async () => {
    const hash = '%FF%00'.repeat(10);
    const a = { info_hash: hash, peer_id: id('a'), port: 7001, left: 0 };
    const b = { info_hash: hash, peer_id: id('b'), port: 7002, left: 5 };
    expect(await announce({ ...a, event: 'started' })).toMatchObject({ complete: 1, incomplete: 0, interval: 7 });
    const second = await announce({ ...b, event: 'started' });
    expect(second).toMatchObject({ complete: 1, incomplete: 1 });
    expect([...(second['peers'] as Uint8Array)]).toEqual([127, 0, 0, 1, 7001 >>> 8, 7001 & 0xff]);
    expect((await announce({ ...b, numwant: 0 }))['peers']).toHaveLength(0);
    await announce({ ...a, event: 'stopped' });
    expect(await announce(b)).toMatchObject({ complete: 0, incomplete: 1, peers: new Uint8Array() });
  });

  it('keeps torrents apart', async () => {
    await announce({ info_hash: id('x'), peer_id: id('a'), port: 1 });
    expect((await announce({ info_hash: id('y'), peer_id: id('b'), port: 2 }))['peers']).toHaveLength(0);
  });

  it.each([
    ['no hash', { peer_id: id('a'), port: 1 }, /20 bytes/],
    ['a short hash', { info_hash: 'abc', peer_id: id('a'), port: 1 }, /20 bytes/],
    ['a malformed hash', { info_hash: `%zz${id('x')}`, peer_id: id('a'), port: 1 }, /20 bytes/],
    ['a long peer id', { info_hash: id('x'), peer_id: `${id('a')}b`, port: 1 }, /20 bytes/],
    ['port 0', { info_hash: id('x'), peer_id: id('a'), port: 0 }, /port/],
    ['port 65536', { info_hash: id('x'), peer_id: id('a'), port: 65536 }, /port/],
    ['no port', { info_hash: id('x'), peer_id: id('a') }, /port/],
  ])('refuses %s', async (_, fields, reason) => {
    const { 'failure reason': text } = await announce(fields);
    expect(new TextDecoder().decode(text as Uint8Array)).toMatch(reason);
  });

  it('answers nothing else', async () => {
    expect((await fetch(tracker.url.replace('announce', 'scrape'))).status).toBe(404);
    expect((await fetch(tracker.url, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${tracker.url}?${'x'.repeat(3000)}`)).status).toBe(404);
  });

  it('says why it cannot listen', async () => {
    const port = Number(new URL(tracker.url).port);
    await expect(startLocalTracker({ port })).rejects.toMatchObject({ code: 'network' });
  });
});
