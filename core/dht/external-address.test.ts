import { expect, test } from 'vitest';
import { compactEndpoint } from './compact.ts';
import { ExternalAddress } from './external-address.ts';
import { hostOf } from './testing/scene.ts';

const said = (host: string): Uint8Array => compactEndpoint(host, 6881) ?? new Uint8Array();
const OURS = '45.1.2.3';

/** Votes of as many networks for each address, in turn. */
function after(...votes: readonly (readonly [string, number])[]): ExternalAddress {
  const external = new ExternalAddress(4);
  let voter = 0;
  for (const [address, count] of votes) for (let i = 0; i < count; i++) external.vote(said(address), hostOf(voter++));
  return external;
}

test.each([
  ['nobody says anything', [], undefined],
  ['three agree', [[OURS, 3]], undefined],
  ['four agree', [[OURS, 4]], OURS],
  [
    'liars are fewer',
    [
      ['9.9.9.9', 3],
      [OURS, 4],
    ],
    OURS,
  ],
  [
    'as many say something else',
    [
      ['9.9.9.9', 2],
      ['9.9.9.8', 2],
      [OURS, 4],
    ],
    undefined,
  ],
  [
    'some lie later',
    [
      [OURS, 20],
      ['9.9.9.9', 9],
    ],
    OURS,
  ],
  [
    'many lie later, but not two thirds',
    [
      [OURS, 20],
      ['9.9.9.9', 20],
    ],
    OURS,
  ],
  [
    'the address has changed',
    [
      [OURS, 20],
      ['9.9.9.9', 30],
    ],
    '9.9.9.9',
  ],
  [
    'private addresses mean nothing',
    [
      ['192.168.1.1', 20],
      ['127.0.0.1', 20],
      ['100.64.1.1', 20],
    ],
    undefined,
  ],
  [
    'nor do such of nobody',
    [
      ['0.0.0.0', 20],
      ['255.255.255.255', 20],
    ],
    undefined,
  ],
] as const)('%s', (_, votes, address) => {
  expect(after(...votes).address).toBe(address);
});

test('a network has one vote', () => {
  const external = new ExternalAddress(4);
  for (let i = 1; i < 200; i++) external.vote(said(OURS), `9.9.9.${i}`);
  expect(external.address).toBeUndefined();
});

test('what is no address of the family is no vote', () => {
  const external = new ExternalAddress(4);
  for (let i = 0; i < 20; i++) {
    for (const data of [
      said('2001:db9::1'),
      new Uint8Array(0),
      new Uint8Array(5),
      new Uint8Array(7),
      new Uint8Array(100),
    ]) {
      external.vote(data, hostOf(i));
    }
  }
  expect(external.address).toBeUndefined();
  // With a port behind it or without.
  for (let i = 0; i < 4; i++) external.vote(Uint8Array.of(45, 1, 2, 3), hostOf(i));
  expect(external.address).toBe(OURS);
  external.forget();
  expect(external.address).toBeUndefined();
});
