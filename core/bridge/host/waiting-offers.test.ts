import { expect, test } from 'vitest';
import { MAX_TORRENT_BYTES } from '../../base/bounds.ts';
import type { Events } from '../contract.ts';
import { WaitingOffers } from './waiting-offers.ts';

const file = (name: string, data: Uint8Array): Events['offer'] => ({
  source: { kind: 'torrent', data },
  fileName: name,
});
const names = ({ offers }: ReturnType<WaitingOffers['take']>): (string | null)[] =>
  offers.map(({ fileName }) => fileName);

test('hundreds of files are kept, in their order, until they are taken', () => {
  const waiting = new WaitingOffers();
  const files = Array.from({ length: 300 }, (_, n) => `${n}.torrent`);
  for (const name of files) waiting.keep(file(name, new Uint8Array(100_000)));
  const taken = waiting.take();
  expect([names(taken), taken.leftOut]).toEqual([files, 0]);
  expect(waiting.take()).toEqual({ offers: [], leftOut: 0 });
});

test('what finds no room is counted, and there is room again afterwards', () => {
  const waiting = new WaitingOffers();
  const large = new Uint8Array(MAX_TORRENT_BYTES);
  for (let n = 0; n < 20; n++) waiting.keep(file(`${n}`, large));
  waiting.keep(file('small', new Uint8Array(1)));
  const taken = waiting.take();
  expect(names(taken)).toEqual(['0', '1', '2', '3', '4', '5', '6', 'small']);
  expect(taken.leftOut).toBe(13);
  waiting.keep(file('next', large));
  expect(names(waiting.take())).toEqual(['next']);
});

test('even empty ones are bounded', () => {
  const waiting = new WaitingOffers();
  for (let n = 0; n < 100_000; n++) waiting.keep(file('', new Uint8Array(0)));
  expect(waiting.take().leftOut).toBeGreaterThan(0);
});
