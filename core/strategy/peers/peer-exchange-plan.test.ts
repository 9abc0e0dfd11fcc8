import { describe, expect, test } from 'vitest';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../../base/endpoint.ts';
import { scopeOf } from '../../base/ip-scope.ts';
import {
  allowance,
  FULL_ALLOWANCE,
  judgeMessage,
  type LivePeer,
  planExchange,
  plausible,
} from './peer-exchange-plan.ts';

const at = (text: string): Endpoint => parseEndpoint(text) ?? { host: text, port: 6881 };
/** `*`: a seed. */
const live = (text: string): LivePeer => {
  const peer = at(text.replace('*', ''));
  const scope = scopeOf(peer.host) ?? 'global';
  return { ...peer, flags: 0, seed: text.endsWith('*'), key: formatEndpoint(peer), scope };
};
const names = (list: readonly Endpoint[]): string[] => list.map((one) => formatEndpoint(one).replace(/:6881$/, ''));

function plan(receiver: string, peers: readonly string[], told: readonly string[] = []) {
  const { host, port, seed } = live(receiver);
  const known = new Map(told.map(at).map((one) => [formatEndpoint(one), one]));
  const { added, dropped } = planExchange({ live: peers.map(live), receiver: { host, port, seed }, told: known });
  return [names(added), names(dropped)];
}

describe('what a peer is told', () => {
  test.each([
    ['who is there', '9.9.9.9', ['1.1.1.1', '[2600::1]:6881'], [], ['1.1.1.1', '[2600::1]'], []],
    [
      'who came and who went since',
      '9.9.9.9',
      ['1.1.1.1', '2.2.2.2'],
      ['1.1.1.1', '3.3.3.3'],
      ['2.2.2.2'],
      ['3.3.3.3'],
    ],
    ['nothing new', '9.9.9.9', ['1.1.1.1'], ['1.1.1.1'], [], []],
    ['not of itself', '9.9.9.9', ['9.9.9.9', '9.9.9.9:1'], [], ['9.9.9.9:1'], []],
    ['each endpoint once', '9.9.9.9', ['1.1.1.1', '1.1.1.1'], [], ['1.1.1.1'], []],
    ['a seed not of seeds', '9.9.9.9*', ['1.1.1.1*', '2.2.2.2'], [], ['2.2.2.2'], []],
    ['that one became a seed, as if it had gone', '9.9.9.9*', ['1.1.1.1*'], ['1.1.1.1'], [], ['1.1.1.1']],
    [
      'in the internet of nobody inside',
      '9.9.9.9',
      ['10.0.0.1', '192.168.0.1', '100.64.0.1', '[fd00::1]:1', '127.0.0.1'],
      [],
      [],
      [],
    ],
    [
      'inside of both',
      '10.9.9.9',
      ['10.0.0.1', '1.1.1.1', '[fd00::1]:6881', '127.0.0.1', '169.254.0.1'],
      [],
      ['10.0.0.1', '1.1.1.1', '[fd00::1]'],
      [],
    ],
    [
      'on the same machine of all',
      '127.0.0.9',
      ['127.0.0.1', '10.0.0.1', '1.1.1.1'],
      [],
      ['127.0.0.1', '10.0.0.1', '1.1.1.1'],
      [],
    ],
  ])('%s', (_, receiver, peers, told, added, dropped) => {
    expect(plan(receiver, peers, told)).toEqual([added, dropped]);
  });

  test('no more than 50 at a time, the others a minute later', () => {
    const many = Array.from({ length: 120 }, (_, i) => `1.1.${i}.1`);
    const [first = []] = plan('9.9.9.9', many);
    const [second = []] = plan('9.9.9.9', many, first);
    expect([first.length, second.length]).toEqual([50, 50]);
    expect(new Set([...first, ...second]).size).toBe(100);
    expect(plan('9.9.9.9', [], many)[1]).toHaveLength(50);
  });
});

describe('what is taken of a peer', () => {
  test.each([
    ['the first', [], 'read'],
    ['one a minute', [0, 60_000, 120_000], 'read'],
    ['a few close together', [179_000, 179_500], 'read'],
    ['more than that', [170_000, 175_000, 179_000], 'ignore'],
    ['a flood', [150_000, 151_000, 152_000, 153_000, 154_000, 155_000], 'close'],
    ['a flood that is over', [100_000, 100_001, 100_002, 100_003, 100_004, 100_005], 'read'],
  ])('%s', (_, times, verdict) => {
    expect(judgeMessage(times, 180_000)).toBe(verdict);
  });

  test('so many peers at once, and some more each minute', () => {
    expect(allowance(FULL_ALLOWANCE, 1e9)).toBe(FULL_ALLOWANCE);
    expect(allowance(0, 60_000)).toBe(50);
    expect(allowance(0, 1e9)).toBe(FULL_ALLOWANCE);
  });

  test.each([
    ['each once', ['1.1.1.1', '1.1.1.1:2', '1.1.1.1'], ['1.1.1.1', '1.1.1.1:2']],
    [
      'few of a machine',
      Array.from({ length: 9 }, (_, i) => `1.1.1.1:${i + 1}`),
      Array.from({ length: 4 }, (_, i) => `1.1.1.1:${i + 1}`),
    ],
    [
      'few of a /64',
      Array.from({ length: 9 }, (_, i) => `[2600::${i}]:1`),
      Array.from({ length: 4 }, (_, i) => `[2600::${i}]:1`),
    ],
    [
      'all of this machine',
      Array.from({ length: 9 }, (_, i) => `127.0.0.1:${i + 1}`),
      Array.from({ length: 9 }, (_, i) => `127.0.0.1:${i + 1}`),
    ],
  ])('%s', (_, entries, taken) => {
    expect(names(plausible(entries.map(at)))).toEqual(names(taken.map(at)));
  });
});
