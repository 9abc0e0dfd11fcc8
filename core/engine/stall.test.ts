import { describe, expect, test } from 'vitest';
import { bytesPerSecond, millis } from '../base/ids.ts';
import { type StallFacts, stallOf } from './stall.ts';

const facts = (change: Partial<StallFacts> = {}): StallFacts => ({
  state: 'downloading',
  idle: millis(30_000),
  identities: ['downloading', 'downloading'],
  fetches: true,
  peers: 5,
  useful: 3,
  choking: 0,
  trackers: [{ url: 'http://t/announce', state: 'working' }],
  limit: bytesPerSecond(0),
  ...change,
});
const failed = { url: 'http://t/announce', state: 'failed', message: 'unregistered torrent' } as const;
const reason = { kind: 'tracker', url: failed.url, message: failed.message } as const;

describe('why nothing comes', () => {
  test.each<[string, Partial<StallFacts>, ReturnType<typeof stallOf>]>([
    ['something came lately', { idle: millis(29_999), peers: 0 }, undefined],
    ['it is paused', { state: 'paused', peers: 0 }, undefined],
    ['it seeds', { state: 'seeding', peers: 0 }, undefined],
    ['it reads the disk', { state: 'checking', peers: 0 }, undefined],
    ['no identity has its address', { identities: ['no-address', 'no-address'], peers: 0 }, { kind: 'no-link' }],
    ['those that are left have none', { identities: ['left', 'no-address'], peers: 0 }, { kind: 'no-link' }],
    ['one still has its address', { identities: ['no-address', 'downloading'], peers: 0 }, { kind: 'no-peers' }],
    ['its links only seed', { fetches: false, idle: millis(0), identities: ['left', 'left'] }, { kind: 'no-fetch' }],
    ['its links only seed, as it does', { fetches: false, state: 'seeding' }, undefined],
    ['no peers', { peers: 0 }, { kind: 'no-peers' }],
    ['no peers and no trackers', { peers: 0, trackers: [] }, { kind: 'no-peers' }],
    ['no peers, as the only tracker fails', { peers: 0, trackers: [failed] }, reason],
    [
      'no peers, though one of two trackers answers',
      { peers: 0, trackers: [failed, { url: 'udp://u', state: 'working' }] },
      { kind: 'no-peers' },
    ],
    [
      'no peers; one tracker fails, the other was not asked',
      { peers: 0, trackers: [{ url: 'udp://u', state: 'idle' }, failed] },
      reason,
    ],
    ['a tracker fails, but there are peers', { trackers: [failed], useful: 0 }, { kind: 'no-seed', peers: 5 }],
    ['peers have nothing that is missing', { useful: 0 }, { kind: 'no-seed', peers: 5 }],
    ['all that have something choke us', { choking: 3 }, { kind: 'choked', peers: 3 }],
    ['all choke us, and the limit is low', { choking: 3, limit: bytesPerSecond(500) }, { kind: 'choked', peers: 3 }],
    [
      'the limit is lower than blocks are long',
      { limit: bytesPerSecond(500) },
      { kind: 'limited', limit: 500 as never },
    ],
    ['the limit lets blocks through', { limit: bytesPerSecond(20_000) }, { kind: 'silent', peers: 3 }],
    ['some choke us, the others send nothing', { choking: 1 }, { kind: 'silent', peers: 2 }],
    ['nobody has the details of a magnet link', { state: 'metadata', useful: 0 }, { kind: 'silent', peers: 5 }],
    ['nobody is there to ask for them', { state: 'metadata', peers: 0 }, { kind: 'no-peers' }],
  ])('%s', (_, change, expected) => {
    expect(stallOf(facts(change))).toEqual(expected);
  });
});
