import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { compactEndpoint, compactNodes, readNodes, readValues, subnetOf } from './compact.ts';
import { idOf } from './testing/scene.ts';

const id = idOf('aa');
const node = (...tail: readonly number[]): Uint8Array => concatBytes(id, Uint8Array.from(tail));
const six = (...tail: readonly number[]): number[] => [0x20, 1, 0xd, 0xb9, ...Array<number>(11).fill(0), 1, ...tail];

describe('nodes of an answer', () => {
  test.each([
    ['one', node(1, 2, 3, 4, 0x1a, 0xe1), '8.8.8.8', ['1.2.3.4:6881']],
    ['none', new Uint8Array(0), '8.8.8.8', []],
    ['cut off', node(1, 2, 3, 4, 0x1a), '8.8.8.8', []],
    ['one, and a part', concatBytes(node(1, 2, 3, 4, 0x1a, 0xe1), id), '8.8.8.8', ['1.2.3.4:6881']],
    ['port 0', node(1, 2, 3, 4, 0, 0), '8.8.8.8', []],
    ['this network', node(0, 2, 3, 4, 0, 1), '8.8.8.8', []],
    ['multicast', node(224, 2, 3, 4, 0, 1), '8.8.8.8', []],
    ['broadcast', node(255, 255, 255, 255, 0, 1), '8.8.8.8', []],
    ['private, told from outside', node(192, 168, 0, 1, 0, 80), '8.8.8.8', []],
    ['this machine, told from outside', node(127, 0, 0, 1, 0, 80), '8.8.8.8', []],
    ['this machine, told from the network', node(127, 0, 0, 1, 0, 80), '10.0.0.9', []],
    ['private, told from inside', node(192, 168, 0, 1, 0, 80), '10.0.0.9', ['192.168.0.1:80']],
    ['outside, told from inside', node(1, 2, 3, 4, 0, 80), '10.0.0.9', ['1.2.3.4:80']],
    ['this machine, told from it', node(127, 0, 0, 1, 0, 80), '127.0.0.1', ['127.0.0.1:80']],
  ] as const)('%s', (_, data, teller, expected) => {
    expect(readNodes(data, 4, teller).map(({ host, port }) => `${host}:${port}`)).toEqual(expected);
  });

  test('many: no more than sixteen are taken of one', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ id, host: `1.2.${n}.1`, port: 1 }));
    expect(readNodes(compactNodes(many, 4), 4, '8.8.8.8')).toHaveLength(16);
  });

  test('of IPv6, where IPv4 in another form has no place', () => {
    const mapped = [...Array<number>(10).fill(0), 0xff, 0xff, 1, 2, 3, 4, 0, 80];
    const data = concatBytes(node(...six(0, 80)), node(...mapped));
    expect(readNodes(data, 6, '2001:db9::2').map(({ host }) => host)).toEqual(['2001:db9::1']);
  });
});

describe('peers of an answer', () => {
  test.each([
    [
      'each alone',
      [
        [1, 2, 3, 4, 0, 80],
        [1, 2, 3, 5, 0, 80],
      ],
      ['1.2.3.4:80', '1.2.3.5:80'],
    ],
    ['all in one', [[1, 2, 3, 4, 0, 80, 1, 2, 3, 5, 0, 80]], ['1.2.3.4:80', '1.2.3.5:80']],
    ['wrong lengths', [[1, 2, 3, 4, 0], [], [1, 2, 3, 4, 0, 80, 9]], []],
    ['an IPv6 address among others', [six(0, 80), [1, 2, 3, 4, 0, 80]], ['1.2.3.4:80']],
    [
      'poison',
      [
        [127, 0, 0, 1, 0, 80],
        [10, 0, 0, 1, 0, 80],
        [1, 2, 3, 4, 0, 0],
        [240, 1, 1, 1, 0, 9],
      ],
      [],
    ],
  ] as const)('%s', (_, values, expected) => {
    const peers = readValues(
      values.map((one) => Uint8Array.from(one)),
      4,
      '8.8.8.8',
    );
    expect(peers.map(({ host, port }) => `${host}:${port}`)).toEqual(expected);
  });
});

test('endpoints and networks', () => {
  expect(compactEndpoint('1.2.3.4', 6881)).toEqual(Uint8Array.of(1, 2, 3, 4, 0x1a, 0xe1));
  expect(compactEndpoint('2001:db9::1', 80)).toEqual(Uint8Array.from(six(0, 80)));
  expect(compactEndpoint('router.example', 80)).toBeUndefined();
  expect(subnetOf('1.2.3.4')).toBe(subnetOf('1.2.3.250'));
  expect(subnetOf('1.2.3.4')).not.toBe(subnetOf('1.2.4.4'));
  expect(subnetOf('2001:db9::1')).toBe(subnetOf('2001:db9::ffff:1'));
  expect(subnetOf('2001:db9::1')).not.toBe(subnetOf('2001:db9:0:1::1'));
});
