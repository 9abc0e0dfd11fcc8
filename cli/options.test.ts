import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  addPeer,
  addText,
  addUrl,
  parseBindList,
  parsePieceLength,
  parseProxyList,
  parseRate,
  parseSeconds,
  parseSeedRule,
  parseServeAt,
  parseSize,
  parseWhole,
} from './options.ts';

const parsers: Record<string, { parse: (text: string) => unknown; good: [string, unknown][]; bad: string[] }> = {
  size: {
    parse: parseSize,
    good: [
      ['0', 0],
      ['1023', 1023],
      ['300K', 307200],
      ['1.5m', 1572864],
      ['2G', 2147483648],
      ['0.3', 0],
      ['300kB', 300_000],
      ['1.5 MB', 1_500_000],
      ['2gb', 2e9],
      ['1KiB', 1024],
      ['1.5MiB', 1572864],
    ],
    bad: ['', '-1', 'K', '1Kb/s', '1KBit', '1iB', '1e3', '1,5M', ' 1', '9999999999999999', '999999999999G'],
  },
  rate: { parse: parseRate, good: [['10K', 10240]], bad: ['fast'] },
  whole: {
    parse: parseWhole(1, 32),
    good: [
      ['1', 1],
      ['32', 32],
    ],
    bad: ['0', '33', '1.5', '-1', '+1', '', 'x', '1 '],
  },
  seconds: {
    parse: parseSeconds,
    good: [
      ['90', 90],
      ['0.5', 0.5],
    ],
    bad: ['0', '-1', '', '1m', 'Infinity'],
  },
  'seed rule': {
    parse: parseSeedRule,
    good: [
      ['never', { kind: 'never' }],
      ['forever', { kind: 'forever' }],
      ['1.5', { kind: 'ratio', ratio: 1.5 }],
      ['12h', { kind: 'goals', ratio: 'none', time: 43_200_000, idle: 'none' }],
      ['2,1d,idle=30m', { kind: 'goals', ratio: 2, time: 86_400_000, idle: 1_800_000 }],
    ],
    bad: ['0', '-1', 'always', '', '1.5x', '1,2', '1h,2h', 'idle=', 'idle=1.5', '0h', '1,', 'never,1'],
  },
  'bind list': {
    parse: parseBindList,
    good: [
      ['10.0.0.1', ['10.0.0.1']],
      ['10.0.0.1, eth0,2001:db8::1', ['10.0.0.1', 'eth0', '2001:db8::1']],
      ['fe80::1%eth0', ['fe80::1%eth0']],
    ],
    bad: ['', ',', 'a,,b', 'a b', 'a;b'],
  },
  peer: {
    parse: (text) => addPeer(text, []),
    good: [
      ['1.2.3.4:5', [{ host: '1.2.3.4', port: 5 }]],
      ['[::1]:80', [{ host: '::1', port: 80 }]],
      ['host.example:6881', [{ host: 'host.example', port: 6881 }]],
    ],
    bad: ['1.2.3.4', '1.2.3.4:0', '1.2.3.4:65536', '::1:80', ':80', ''],
  },
  'where files are served': {
    parse: parseServeAt,
    good: [
      ['8080', { host: '127.0.0.1', port: 8080 }],
      ['0.0.0.0', { host: '0.0.0.0', port: 0 }],
      ['[::]', { host: '::', port: 0 }],
      ['[::1]:80', { host: '::1', port: 80 }],
      ['files.example:80/0123456789abcdef', { host: 'files.example', port: 80, secret: '0123456789abcdef' }],
      ['0.0.0.0:0/0123456789abcdef', { host: '0.0.0.0', port: 0, secret: '0123456789abcdef' }],
      ['[::1]:0', { host: '::1', port: 0 }],
      ['::', { host: '::', port: 0 }],
      ['files.example:0', { host: 'files.example', port: 0 }],
      ['0', { host: '127.0.0.1', port: 0 }],
      ['localhost/a-secret_of_mine-1/', { host: 'localhost', port: 0, secret: 'a-secret_of_mine-1' }],
    ],
    // A file's name is no place: it was to be the next argument.
    bad: [
      '',
      't.torrent',
      '0.0.0.0:99999',
      ':0',
      't.torrent/:0',
      '/0123456789abcdef',
      '80/short',
      '80/0123456789/abcdef',
      '80/0123456789abcde%',
    ],
  },
  text: { parse: (text) => addText(text, ['a']), good: [['b', ['a', 'b']]], bad: [''] },
  url: {
    parse: (text) => addUrl('http', 'udp')(text, ['http://a']),
    good: [['udp://t.example:80/announce', ['http://a', 'udp://t.example:80/announce']]],
    bad: ['', 't.example', 'https://t.example', 'javascript:1'],
  },
  'piece length': {
    parse: parsePieceLength,
    good: [
      ['16K', 16384],
      ['64M', 67108864],
    ],
    bad: ['8K', '128M', '24K', '0'],
  },
};

describe.each(Object.entries(parsers))('%s', (_name, { parse, good, bad }) => {
  test.each(good)('%j', (text, value) => expect(parse(text)).toEqual(value));
  test.each(bad)('%j is refused', (text) => expect(() => parse(text)).toThrow(InvalidArgumentError));
});

test('proxies, of which a wrong one is named without what was typed', () => {
  expect(parseProxyList('socks5://a:1, http://u:p@b:2')).toEqual(['socks5://a:1', 'http://u:p@b:2']);
  expect(() => parseProxyList('socks5://a:1,ftp://me:secret@b')).toThrow(/number 2/);
  expect(() => parseProxyList('ftp://me:secret@b')).not.toThrow(/secret/);
});
