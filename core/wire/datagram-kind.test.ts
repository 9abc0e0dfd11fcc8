import { expect, test } from 'vitest';
import { datagramKind } from './datagram-kind.ts';

const text = (s: string): number[] => [...new TextEncoder().encode(s)];
const padded = (head: readonly number[], length: number): number[] =>
  [...head, ...Array<number>(length).fill(0)].slice(0, length);

test.each<[string, number[], ReturnType<typeof datagramKind>]>([
  ['a query of the DHT', text('d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe'), 'dht'],
  ['an empty dictionary', text('de'), 'dht'],
  ['a dictionary without its end', text('d1:ad2:id'), undefined],
  ['a single d', text('d'), undefined],
  ['a list', text('le'), undefined],
  ['uTP data', padded([0x01], 20), 'utp'],
  ['uTP fin', padded([0x11], 20), 'utp'],
  ['a uTP syn with an extension', padded([0x41, 0x02], 30), 'utp'],
  ['an unknown type of uTP', padded([0x51], 20), undefined],
  ['another version of uTP', padded([0x42], 20), undefined],
  ['a uTP packet that is cut', padded([0x41], 19), undefined],
  ['connected', padded([0, 0, 0, 0, 1, 2, 3, 4], 16), 'tracker'],
  ['announced', padded([0, 0, 0, 1], 20), 'tracker'],
  ['a refusal without a word', padded([0, 0, 0, 3], 8), 'tracker'],
  ['a tracker’s answer that is cut', padded([0, 0, 0, 1], 7), undefined],
  ['an unknown action', padded([0, 0, 0, 4], 16), undefined],
  ['nothing', [], undefined],
])('%s', (_, bytes, kind) => {
  expect(datagramKind(Uint8Array.from(bytes))).toBe(kind);
});
