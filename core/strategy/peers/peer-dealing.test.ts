import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityIndex, type IdentityIndex } from '../../base/ids.ts';
import { dealPeers, type DealtPeers, type DealablePeer } from './peer-dealing.ts';

/** `n` peers, port n; `connected` says who has a connection with which. */
function known(n: number, connected: Record<number, number[]> = {}): DealablePeer[] {
  return Array.from({ length: n }, (_, port) => ({
    key: `p${port}`,
    endpoint: { host: '10.0.0.1', port, source: 'tracker' },
    connectedTo: (connected[port] ?? []).map(identityIndex),
  }));
}

/** Identity i in the group that the i-th character names. */
function identities(groups: string): { index: IdentityIndex; group: string }[] {
  return Array.from(groups).map((group, i) => ({ index: identityIndex(i), group }));
}

function ports(dealt: DealtPeers): number[][] {
  return [...dealt].sort(([a], [b]) => a - b).map(([, endpoints]) => endpoints.map(({ port }) => port));
}

const nobody: DealtPeers = new Map();

function sorted(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}

describe('dealPeers', () => {
  test('behind one address each peer goes to one identity, evenly', () => {
    const dealt = ports(dealPeers({ peers: known(10), identities: identities('aaaa'), previous: nobody }));
    expect(dealt.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(sorted(dealt.map((list) => list.length))).toEqual([2, 2, 3, 3]);
  });

  test('identities with addresses of their own get all of them', () => {
    const dealt = ports(dealPeers({ peers: known(3), identities: identities('abab'), previous: nobody }));
    expect(sorted([...dealt[0]!, ...dealt[2]!])).toEqual([0, 1, 2]);
    expect(sorted([...dealt[1]!, ...dealt[3]!])).toEqual([0, 1, 2]);
  });

  test('a peer stays where it is connected, though that is uneven', () => {
    const peers = known(4, { 0: [1], 1: [1], 2: [1] });
    expect(ports(dealPeers({ peers, identities: identities('aa'), previous: nobody }))).toEqual([[3], [0, 1, 2]]);
  });

  test('a connection in another group does not matter', () => {
    const dealt = ports(
      dealPeers({ peers: known(2, { 0: [2], 1: [2] }), identities: identities('aab'), previous: nobody }),
    );
    expect(dealt).toEqual([[0], [1], [0, 1]]);
  });

  test('what was dealt stays; new peers even it out', () => {
    const first = dealPeers({ peers: known(6), identities: identities('aa'), previous: nobody });
    const second = dealPeers({ peers: known(9), identities: identities('aa'), previous: first });
    expect(ports(second)[0]).toEqual(expect.arrayContaining(ports(first)[0]!));
    expect(ports(second)[1]).toEqual(expect.arrayContaining(ports(first)[1]!));
    expect(sorted(ports(second).map((list) => list.length))).toEqual([4, 5]);
  });

  test('peers of an identity that left are dealt to the rest; one that comes gets its part', () => {
    const three = dealPeers({ peers: known(9), identities: identities('aaa'), previous: nobody });
    const two = dealPeers({ peers: known(9), identities: identities('aaa').slice(0, 2), previous: three });
    expect(sorted(ports(two).flat())).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(ports(two)[0]).toEqual(expect.arrayContaining(ports(three)[0]!));
    const again = dealPeers({ peers: known(9), identities: identities('aaa'), previous: two });
    expect(ports(again).map((list) => list.length)).toEqual([3, 3, 3]);
  });

  test('in each group everyone is dealt to exactly one, and a deal repeated changes nothing', () => {
    fc.assert(
      fc.property(
        fc.nat(30),
        fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 }),
        fc.dictionary(fc.nat(29).map(String), fc.array(fc.nat(5), { maxLength: 2 })),
        fc.nat(6),
        (count, groups, connected, gone) => {
          const all = identities(groups.join(''));
          const peers = known(count, connected);
          const before = dealPeers({ peers: known(Math.floor(count / 2)), identities: all, previous: nobody });
          const left = all.length > 1 ? all.filter(({ index }) => index !== gone) : all;
          const dealt = dealPeers({ peers, identities: left, previous: before });
          for (const group of new Set(left.map((identity) => identity.group))) {
            const lists = left.filter((identity) => identity.group === group).map(({ index }) => dealt.get(index)!);
            const all = lists
              .flat()
              .map(({ port }) => port)
              .sort((a, b) => a - b);
            expect(all).toEqual(peers.map(({ endpoint }) => endpoint.port));
          }
          expect(ports(dealPeers({ peers, identities: left, previous: dealt }))).toEqual(ports(dealt));
        },
      ),
    );
  });
});
