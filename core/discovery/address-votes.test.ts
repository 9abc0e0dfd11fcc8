import { describe, expect, it } from 'vitest';
import { AddressVotes } from './address-votes.ts';

function after(votes: readonly (readonly [string, string])[]): AddressVotes {
  const external = new AddressVotes();
  for (const [voter, address] of votes) external.vote(voter, address);
  return external;
}

describe('AddressVotes', () => {
  it.each([
    ['nobody spoke', [], undefined],
    ['one spoke', [['a', '203.0.113.1']], '203.0.113.1'],
    [
      'two differ',
      [
        ['a', '203.0.113.1'],
        ['b', '203.0.113.2'],
      ],
      undefined,
    ],
    [
      'most agree',
      [
        ['a', '203.0.113.1'],
        ['b', '203.0.113.2'],
        ['c', '203.0.113.1'],
      ],
      '203.0.113.1',
    ],
    [
      'one speaks often',
      [
        ['a', '203.0.113.1'],
        ['b', '203.0.113.2'],
        ['b', '203.0.113.2'],
      ],
      undefined,
    ],
    [
      'one changes its mind',
      [
        ['a', '203.0.113.1'],
        ['a', '203.0.113.2'],
      ],
      '203.0.113.2',
    ],
    ['an IPv4 address is written as IPv6', [['a', '::ffff:203.0.113.1']], '203.0.113.1'],
    [
      'private, loopback and no addresses',
      [
        ['a', '10.0.0.1'],
        ['b', '127.0.0.1'],
        ['c', 'x'],
        ['d', '0.0.0.0'],
      ],
      undefined,
    ],
  ] as const)('%s', (_, votes, agreed) => {
    expect(after(votes).agreed(4)).toBe(agreed);
  });

  it('hears each vote, also after it was asked', () => {
    const external = new AddressVotes();
    const said = ['203.0.113.1', '203.0.113.2', '203.0.113.2', '2001:4860::1'].map((address, i) => {
      external.vote(`${i}`, address);
      return external.agreed(4);
    });
    expect(said).toEqual(['203.0.113.1', undefined, '203.0.113.2', '203.0.113.2']);
  });

  it('counts families apart', () => {
    const external = after([
      ['a', '203.0.113.1'],
      ['a', '2001:4860::1'],
    ]);
    expect([external.agreed(4), external.agreed(6)]).toEqual(['203.0.113.1', '2001:4860::1']);
    external.forget();
    expect([external.agreed(4), external.agreed(6)]).toEqual([undefined, undefined]);
  });

  it('remembers those alone that spoke last', () => {
    const old = Array.from({ length: 500 }, (_, i) => [`old ${i}`, '203.0.113.1'] as const);
    const fresh = Array.from({ length: 40 }, (_, i) => [`new ${i}`, '203.0.113.2'] as const);
    expect(after([...old, ...fresh]).agreed(4)).toBe('203.0.113.2');
  });
});
