import { encode } from '../bencode/bencode.ts';
import type { SeededRandom } from './random.ts';

/** Messages of all kinds, as other nodes send them: what is mutated. */
export function dhtMessages(random: SeededRandom): readonly Uint8Array[] {
  const id = new Uint8Array(20).fill(7);
  return [
    encode({
      a: { id, info_hash: id, want: ['n4', 'n6'], scrape: 1 },
      q: 'get_peers',
      t: 'aa',
      y: 'q',
      v: 'LT\u0001\u0002',
    }),
    encode({ a: { id, target: id }, q: 'find_node', t: 'a', y: 'q', ro: 1 }),
    encode({ a: { id, target: id }, q: 'sample_infohashes', t: 'aa', y: 'q' }),
    encode({
      a: { id, info_hash: id, port: 6881, implied_port: 1, token: 'token' },
      q: 'announce_peer',
      t: 'aa',
      y: 'q',
    }),
    encode({
      r: { id, nodes: random.bytes(52), nodes6: random.bytes(76), token: 'x', values: [random.bytes(6)] },
      t: 'aa',
      y: 'r',
    }),
    encode({ r: { id: id }, ip: random.bytes(6), t: 'aa', y: 'r' }),
    encode({ e: [203, 'no'], t: 'aa', y: 'e' }),
  ];
}
