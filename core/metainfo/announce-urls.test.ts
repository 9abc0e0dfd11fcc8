import { expect, test } from 'vitest';
import { MAX_TRACKER_HOSTS } from '../base/bounds.ts';
import { trackerHosts } from './announce-urls.ts';

test.each<[string, readonly (readonly string[])[], readonly string[]]>([
  ['none', [], []],
  [
    'the host alone: what stands around it may be a secret',
    [['https://a.example:8443/secret/announce?key=1']],
    ['a.example'],
  ],
  [
    'each once, in the order of the tiers',
    [['udp://b.example:1', 'http://a.example/'], ['http://b.example/']],
    ['b.example', 'a.example'],
  ],
  ['in lower case', [['udp://B.Example:1', 'http://b.EXAMPLE/']], ['b.example']],
  ['an address in brackets', [['udp://[2001:db8::1]:6969']], ['[2001:db8::1]']],
])('hosts of trackers: %s', (_what, tiers, expected) => {
  expect(trackerHosts(tiers)).toEqual(expected);
});

test('a torrent with many trackers tells the first of them', () => {
  const tiers = Array.from({ length: 3 * MAX_TRACKER_HOSTS }, (_, n) => [`udp://t${n}.example:1`]);
  expect(trackerHosts(tiers)).toHaveLength(MAX_TRACKER_HOSTS);
});
