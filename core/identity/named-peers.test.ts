import { describe, expect, test } from 'vitest';
import type { FoundPeer } from '../base/peer-source.ts';
import { NamedPeers } from './named-peers.ts';

const peer = (host: string, source: FoundPeer['source'] = 'user'): FoundPeer => ({ host, port: 7, source });

/** What was asked for and found, where `bad` cannot be looked up. */
function world() {
  const asked: string[] = [];
  const found: string[] = [];
  const named = new NamedPeers({
    net: {
      resolve: async (host, from) => {
        asked.push(`${host} from ${from}`);
        if (host === 'bad') throw new Error('no such name');
        return [
          { address: '192.0.2.1', family: 4 },
          { address: '2001:db8::1', family: 6 },
        ];
      },
    },
    address: '10.0.0.1',
    found: (source, endpoints) => found.push(...endpoints.map(({ host, port }) => `${source} ${host} ${port}`)),
  });
  const deal = async (...peers: FoundPeer[]): Promise<void> => {
    named.dealt(peers);
    await new Promise(setImmediate);
  };
  return { asked, found, deal };
}

describe('peers with names', () => {
  test('each name is looked up once, from our address, and keeps its source', async () => {
    const { asked, found, deal } = world();
    await deal(peer('a'), peer('192.0.2.9'));
    await deal(peer('a'), peer('b', 'magnet'));
    expect(asked).toEqual(['a from 10.0.0.1', 'b from 10.0.0.1']);
    expect(found).toEqual(['user 192.0.2.1 7', 'user 2001:db8::1 7', 'magnet 192.0.2.1 7', 'magnet 2001:db8::1 7']);
  });

  test('a name that failed is looked up again when it is dealt again', async () => {
    const { asked, deal } = world();
    await deal(peer('bad'));
    await deal(peer('bad'));
    expect(asked).toHaveLength(2);
  });

  test('strangers make us look up nothing, and the user no more than 256 names', async () => {
    const { asked, deal } = world();
    await deal(peer('a', 'tracker'), peer('b', 'pex'), peer('c', 'dht'));
    expect(asked).toEqual([]);
    await deal(...Array.from({ length: 300 }, (_, i) => peer(`n${i}`)));
    expect(asked).toHaveLength(256);
  });
});
