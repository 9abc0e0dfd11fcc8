import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../base/errors.ts';
import { parseFromIdentity, parseFromWorker, parseToIdentity, parseToWorker } from './validate.ts';
import { ordinaryTuning } from '../engine/tuning.ts';

const key = 'ab'.repeat(20);
const location = { layout: 'parts', workFolder: '/w', output: '/o', assembled: false, identity: 1 };
const tuning = ordinaryTuning();
const setup = {
  key,
  hashes: { v1: key, v2: 'cd'.repeat(32) },
  identity: 1,
  count: 4,
  peerId: 'cd'.repeat(20),
  trackerKey: 7,
  address: '10.0.0.1',
  port: 0,
  rawInfo: new Uint8Array(20),
  pieceRoots: new Uint8Array(96),
  trackers: [['http://t/announce']],
  nodes: [],
  location,
  selection: 'rarest',
  tuning,
  shares: new Uint8Array([0, 1, 5]),
  begun: [{ piece: 2, blocks: new Uint8Array(1) }],
  seed: false,
  paused: false,
};
const {
  shares: _shares,
  pieceRoots: _roots,
  ...seeded
} = { ...setup, count: 1, whole: true, private: true, begun: [] };
const resting = {
  key,
  state: 'seeding',
  endpoint: { host: '10.0.0.1', port: 7 },
  downloaded: 0,
  uploaded: 9,
  wasted: 0,
  reachability: { kind: 'unknown' },
  sources: [{ kind: 'pex', found: 1 }],
};
const pieces = new Uint32Array([1, 2]);
const machine = {
  index: 2,
  state: 'silent',
  address: '10.0.0.3',
  port: 1,
  held: 4,
  down: 0,
  up: 0,
  downloaded: 9,
  uploaded: 0,
  peers: 1,
};
const machines = {
  type: 'machines',
  key,
  machines: [machine],
  pieces,
  codes: new Uint8Array([2, 255]),
  down: 1,
  up: 2,
  twice: 0,
  waits: false,
  needed: true,
  done: false,
};
const recheck = { type: 'recheck', version: 1, location, count: 1, rawInfo: new Uint8Array(9) };

describe('messages that are right pass as they are', () => {
  const toIdentity = [
    { type: 'start', version: 1, identity: 0, limits: { down: 0, up: 0 } },
    { type: 'add', setup },
    { type: 'shares', key, state: 4, pieces },
    { type: 'present', key, pieces, owners: new Uint8Array(2) },
    { type: 'urgent', key, pieces, hurries: true, helps: false },
    { type: 'helpers', key, helping: [{ sibling: 1, piece: 7, rate: 0.5 }] },
    { type: 'ask-sibling', key, sibling: 1, piece: 7, blocks: new Uint32Array([0, 3]), wanted: true },
    {
      type: 'brought',
      key,
      sibling: 1,
      piece: 7,
      block: 3,
      data: new Uint8Array(9),
      sender: { host: '10.0.0.9', name: 'a:1' },
    },
    { type: 'watch' },
    { type: 'peers', key, dial: [{ host: '::1', port: 1, source: 'magnet' }] },
    { type: 'ban', key, hosts: ['10.0.0.9', '2001:db8::1'] },
    { type: 'collect', key, mode: 'here' },
    {
      type: 'add',
      setup: {
        ...setup,
        together: { url: 'nats://me:it@10.0.0.1/film', creds: 'x', ca: 'y', collect: 'all', limit: 0 },
      },
    },
    { type: 'add', setup: seeded },
    { type: 'stop' },
  ];
  for (const message of toIdentity)
    test(message.type, () => expect(parseToIdentity(structuredClone(message))).toEqual(message));
  const fromIdentity = [
    { type: 'ready', version: 1 },
    { type: 'claim', key, pieces },
    { type: 'verified', key, pieces: [{ piece: 1, from: ['10.0.0.9'], seconds: 0.5, late: false }] },
    { type: 'availability', key, counts: new Uint16Array(3) },
    { type: 'metadata', key, rawInfo: new Uint8Array(9) },
    {
      type: 'metadata',
      key,
      rawInfo: new Uint8Array(9),
      named: { trackers: [['http://t/announce']], webSeeds: ['http://w/'] },
    },
    { type: 'banned', key, host: '10.0.0.9' },
    { type: 'failed', key, code: 'disk', message: 'full' },
    { type: 'tracker-warning', key, message: 'tracker.example: register first' },
    { type: 'status', swarms: [], resting: [resting, { ...resting, seenAs: '192.0.2.1' }] },
    { type: 'left', key, begun: [] },
    { type: 'collected', key, pieces },
    machines,
    { ...machines, place: 3, trouble: 'away' },
  ];
  for (const message of fromIdentity)
    test(message.type, () => expect(parseFromIdentity(structuredClone(message))).toEqual(message));
  test('rechecks', () => {
    const asked = { type: 'rechecks', jobs: [recheck, { ...recheck, pieces }] };
    expect(parseToWorker(structuredClone(asked))).toEqual(asked);
    const told = { type: 'all-rechecked', results: [new Uint8Array(2), { code: 'disk', message: 'unreadable' }] };
    expect(parseFromWorker(structuredClone(told))).toEqual(told);
  });
});

describe('messages that are wrong are refused', () => {
  const wrong: [string, (message: unknown) => unknown, unknown][] = [
    ['no object', parseToIdentity, 7],
    ['no type', parseFromIdentity, {}],
    ['unknown type', parseFromIdentity, { type: 'reboot' }],
    [
      'status at rest without a key',
      parseFromIdentity,
      { type: 'status', swarms: [], resting: [{ ...resting, key: 0 }] },
    ],
    ['no key', parseToIdentity, { type: 'pause', key: 'zz' }],
    ['upper case key', parseToIdentity, { type: 'pause', key: 'AB'.repeat(20) }],
    ['plain array for pieces', parseFromIdentity, { type: 'claim', key, pieces: [1] }],
    ['piece beyond all torrents', parseFromIdentity, { type: 'claim', key, pieces: new Uint32Array([500_000]) }],
    ['unknown share', parseToIdentity, { type: 'shares', key, state: 6, pieces }],
    ['unknown share in the map', parseToIdentity, { type: 'add', setup: { ...setup, shares: new Uint8Array([9]) } }],
    ['owners of another number', parseToIdentity, { type: 'present', key, pieces, owners: new Uint8Array(1) }],
    ['a server that is none', parseToIdentity, { type: 'add', setup: { ...setup, together: { url: 'http://a/b' } } }],
    ['codes of another number', parseFromIdentity, { ...machines, codes: new Uint8Array(1) }],
    ['a machine beyond all', parseFromIdentity, { ...machines, machines: [{ ...machine, index: 32 }] }],
    ['too many machines', parseFromIdentity, { ...machines, machines: Array.from({ length: 33 }, () => machine) }],
    ['endpoint without host', parseFromIdentity, { type: 'listening', key, endpoint: { host: '', port: 1 } }],
    ['ban of nobody', parseFromIdentity, { type: 'banned', key, host: '' }],
    ['too many bans', parseToIdentity, { type: 'ban', key, hosts: Array.from({ length: 10_001 }, () => '10.0.0.9') }],
    ['port too large', parseFromIdentity, { type: 'listening', key, endpoint: { host: 'a', port: 65536 } }],
    ['unknown error code', parseFromIdentity, { type: 'failed', key, code: '__proto__', message: '' }],
    ['inherited error code', parseFromIdentity, { type: 'failed', key, code: 'toString', message: '' }],
    ['negative progress', parseFromWorker, { type: 'progress', done: -1, total: 1 }],
    ['endless progress', parseFromWorker, { type: 'progress', done: Number.NaN, total: 1 }],
    ['a question without a torrent', parseToWorker, { type: 'describe', version: 1, torrent: new Uint8Array() }],
    ['a description without files', parseFromWorker, { type: 'described', description: { name: 'T' } }],
    [
      'a move to nowhere',
      parseToWorker,
      { type: 'bring', version: 1, location, count: 1, rawInfo: new Uint8Array(9), placed: new Uint8Array(1), to: '' },
    ],
    [
      'more rechecks than travel together',
      parseToWorker,
      { type: 'rechecks', jobs: Array.from({ length: 65 }, () => recheck) },
    ],
    ['a recheck that is none', parseToWorker, { type: 'rechecks', jobs: [{ ...recheck, type: 'bring' }] }],
    ['a result that is none', parseFromWorker, { type: 'all-rechecked', results: [{ code: 'toString', message: '' }] }],
    [
      'a block that is too long',
      parseToIdentity,
      { type: 'brought', key, sibling: 1, piece: 7, block: 0, data: new Uint8Array(16_385) },
    ],
    [
      'blocks beyond all pieces',
      parseFromIdentity,
      { type: 'ask-sibling', key, sibling: 1, piece: 7, blocks: new Uint32Array([65_536]), wanted: true },
    ],
    ['job without a torrent', parseToWorker, { type: 'recheck', version: 1, location, count: 1 }],
  ];
  for (const [what, parse, message] of wrong) {
    test(what, () =>
      expect(() => parse(message)).toThrow(expect.objectContaining({ code: 'invalid-message' }) as Error),
    );
  }

  test('anything else fails in no other way', () => {
    const type = fc.constantFrom('add', 'claim', 'status', 'left', 'recheck', 'progress', 'verified');
    fc.assert(
      fc.property(
        fc.record({ type, key: fc.constantFrom(key, '', 1), pieces: fc.anything(), setup: fc.anything() }),
        (message) => {
          for (const parse of [parseToIdentity, parseFromIdentity, parseToWorker, parseFromWorker]) {
            try {
              parse(message);
            } catch (error) {
              expect(error).toBeInstanceOf(EnsembleError);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
