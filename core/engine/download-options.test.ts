import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../base/ids.ts';
import {
  addOptions,
  downloadChanges,
  downloadOptions,
  type DownloadOptions,
  keptOptions,
  OPTION_NAMES,
  ordinaryOptions,
} from './download-options.ts';
import { DOWNLOAD_OPTIONS } from './option-table.ts';
import { settingsChanges } from './settings.ts';

const ordinary = ordinaryOptions('/out');

const values: { readonly [K in keyof DownloadOptions]-?: { good: readonly unknown[]; bad: readonly unknown[] } } = {
  output: { good: ['/', 'C:\\x', '\\\\server\\x'], bad: ['', 'x', './x', '/x\0y', `/${'x'.repeat(5000)}`, 1] },
  common: { good: ['/common'], bad: ['', 'common', null] },
  log: { good: ['/log.jsonl'], bad: ['log.jsonl'] },
  superSeeding: { good: [true, false], bad: [1, 'yes'] },
  proxies: {
    good: [[], ['socks5://10.0.0.1:1080', 'http://me:pass%40word@proxy.example:3128']],
    bad: ['socks5://10.0.0.1', ['10.0.0.1:1080'], ['socks4://10.0.0.1:1080'], ['http://h:0']],
  },
  identities: { good: [1, 32], bad: [0, 33, 1.5, '4', Number.NaN] },
  selection: { good: ['rarest', 'random', 'fixed'], bad: ['', 'Fixed', undefined] },
  layout: { good: ['in-place', 'parts', 'pieces'], bad: ['files'] },
  share: { good: [true, false], bad: [1, 'yes', null] },
  takeOver: { good: [true], bad: [0] },
  strategy: { good: ['rarest', 'my-own'], bad: ['', 'No', '../x', 'a'.repeat(41), 1] },
  dealing: { good: ['even', 'my-own'], bad: ['', 'No', '../x', 'a'.repeat(41), 1] },
  together: {
    good: [{ url: 'nats://10.0.0.1/film' }, { url: 'tls://me:it@a,b,c/film', creds: 'x', ca: 'y' }],
    bad: [
      'nats://10.0.0.1/film',
      {},
      { url: 'nats://10.0.0.1' },
      { url: 'http://a/b' },
      { url: 'nats://a/b', file: '/x' },
    ],
  },
  collect: { good: ['all', 'here', 'none'], bad: ['', 'some', true] },
  collectRate: { good: [0, 5000], bad: [-1, '1M'] },
  stay: { good: [true], bad: [0] },
  sequential: { good: [true], bad: [0] },
  edgesFirst: { good: [true], bad: [0] },
  allowPrivate: { good: [true], bad: [0] },
  names: {
    good: [[], [{ path: 'a/b', name: 'c' }]],
    bad: ['a', [['a', 'b']], [{ path: 'a', name: 'b/c' }], [{ path: '', name: 'b' }]],
  },
  reuse: { good: [true], bad: [0] },
  assemble: { good: [false], bad: [0] },
  paused: { good: [true], bad: [0] },
  bind: {
    good: [[], ['10.0.0.1', 'eth0']],
    bad: ['eth0', [''], ['x'.repeat(256)], Array.from({ length: 10_001 }, () => 'a')],
  },
  links: {
    good: [[], ['fibre', 'my phone']],
    bad: ['fibre', [''], [' a'], ['a,b'], ['a/b'], ['x'.repeat(41)], Array.from({ length: 65 }, () => 'a')],
  },
  port: { good: [0, 65_535], bad: [-1, 65_536] },
  gateways: { good: [['10.2.0.1', 'fe80::1%wg0']], bad: ['10.2.0.1', [''], [3]] },
  dht: { good: [true, false], bad: [1, null] },
  pex: { good: [false], bad: ['no'] },
  lsd: { good: [false], bad: [0] },
  tcp: { good: [false], bad: [0] },
  utp: { good: [false], bad: ['no'] },
  portMap: { good: [false], bad: ['upnp'] },
  encryption: { good: ['off', 'preferred', 'required'], bad: ['on', true, undefined] },
  peers: { good: [[{ host: '::1', port: 1 }]], bad: [[{ host: '', port: 1 }], [{ host: 'a', port: 0 }], ['a:1']] },
  trackers: {
    good: [[], ['http://t.example/announce', 'udp://t.example:6969']],
    bad: ['http://t.example', ['t.example'], ['ftp://t.example'], ['http://'], [`http://${'x'.repeat(2050)}`]],
  },
  down: { good: [0, 1e9, 0.5], bad: [-1, Number.POSITIVE_INFINITY, 2 ** 60] },
  up: { good: [0], bad: [-1] },
  identityDown: { good: [0], bad: [-1] },
  identityUp: { good: [0], bad: [-1] },
  maxUploads: { good: [1, 1000], bad: [0, 1001] },
  maxPeers: { good: [1, 10_000], bad: [0, 10_001] },
  filePriorities: { good: [[], [0, 7]], bad: [[8], [-1], new Uint8Array(2)] },
  http: {
    good: [
      { host: '0.0.0.0', port: 0 },
      { host: '::', port: 80, secret: 'x'.repeat(16) },
    ],
    bad: [
      { host: '', port: 1 },
      { host: 'a', port: 70_000 },
      { host: 'a', port: 1, secret: 'a/../0123456789ab' },
    ],
  },
  seed: {
    good: [
      { kind: 'never' },
      { kind: 'ratio', ratio: 1.5 },
      { kind: 'goals' },
      { kind: 'goals', ratio: 0, time: 60_000, idle: 'none' },
    ],
    bad: [
      { kind: 'ratio' },
      { kind: 'ratio', ratio: -1 },
      'never',
      { kind: 'goals', ratio: 'never' },
      { kind: 'goals', time: 1.5 },
      { kind: 'goals', idle: undefined },
    ],
  },
  whenDone: {
    good: [[], ['/bin/tool', '{name}', '']],
    bad: ['/bin/tool', [''], ['a', 'b\0'], Array.from({ length: 101 }, () => 'a')],
  },
  category: { good: ['', 'Linux images', 'Größe 3/4'], bad: [' x', 'a\nb', 'x'.repeat(101), null] },
  tags: {
    good: [[], ['one', 'two']],
    bad: ['one', [''], ['a,b'], ['one', 'one'], Array.from({ length: 101 }, (_, i) => `${i}`)],
  },
  forced: { good: [true], bad: [1] },
};

describe.each(OPTION_NAMES)('%s', (name) => {
  test.each(values[name].good.map((value) => [value]))('may be %j', (value) => {
    expect(v.parse(downloadOptions, { ...ordinary, [name]: value })).toMatchObject({ [name]: value });
  });
  test.each(values[name].bad.map((value) => [value]))('may not be %j', (value) => {
    for (const schema of [downloadOptions, addOptions]) {
      expect(v.is(schema, { ...ordinary, [name]: value })).toBe(false);
    }
  });
});

test('what an older program kept lacks an option that came later: it is as usual', () => {
  for (const name of OPTION_NAMES) {
    const { [name]: _lacking, ...kept } = { ...ordinary, identities: 7 };
    const { schema } = DOWNLOAD_OPTIONS[name];
    const needed = name === 'output';
    expect(v.is(keptOptions, kept), name).toBe(!needed);
    if (needed || schema.type === 'exact_optional') continue;
    expect(v.parse(keptOptions, kept)[name]).toEqual(name === 'identities' ? ordinary.identities : ordinary[name]);
  }
});

test('options that a newer program kept are left out', () => {
  expect(v.parse(keptOptions, { ...ordinary, teleport: true })).toEqual(ordinary);
});

test('a window chooses what it offers, and nothing that is the command line’s', () => {
  expect(v.is(addOptions, { output: '/out' })).toBe(true);
  expect(v.is(addOptions, { identities: 2 })).toBe(false);
  for (const name of ['log', 'common']) expect(v.is(addOptions, { output: '/out', [name]: '/x' })).toBe(false);
});

test('an option that is missing is not one without a value', () => {
  for (const schema of [addOptions, downloadChanges])
    expect(v.is(schema, { output: '/out', share: undefined })).toBe(false);
  expect(v.is(settingsChanges, {})).toBe(true);
  expect(v.is(settingsChanges, { share: undefined })).toBe(false);
});

test('what a download is made of cannot be changed while it runs; its limits can', () => {
  expect(v.is(downloadChanges, { down: bytesPerSecond(5), share: false })).toBe(true);
  for (const name of ['output', 'identities', 'selection', 'layout', 'common'] as const) {
    expect(v.is(downloadChanges, { [name]: ordinary[name] ?? '/x' }), name).toBe(false);
  }
});
