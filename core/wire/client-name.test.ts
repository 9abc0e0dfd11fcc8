import { expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import type { PeerId } from '../base/ids.ts';
import { clientName } from './client-name.ts';
import { makePeerId } from './peer-id.ts';

const id = (text: string): PeerId => toHex(Uint8Array.from(text.padEnd(20, '\x90'), (c) => c.charCodeAt(0))) as PeerId;

test.each([
  ['-EN0100-', 'Ensemble 0.1'],
  ['-qB4650-', 'qBittorrent 4.6.5'],
  ['-TR2940-', 'Transmission 2.94'],
  ['-TR4050-', 'Transmission 4.0.5'],
  ['-LT20B0-', 'libtorrent 2.0.11'],
  ['-lt0D80-', 'rTorrent 0.13.8'],
  ['-DE211s-', 'Deluge 2.1.1'],
  ['-UT355W-', 'µTorrent 3.5.5'],
  ['-WW0208-', 'WebTorrent 2.8'],
  ['-zz1234-', 'zz 1.2.3.4'],
  ['A2-1-36-0-', 'aria2 1.36.0'],
  ['M7-10-1--', 'BitTorrent 7.10.1'],
  ['S58B-----', 'Shadow 5.8.11'],
  ['T03I-----', 'BitTornado 0.3.18'],
  ['Something else', 'unknown'],
  ['-<b>123-', 'unknown'],
  ['', 'unknown'],
])('client of peer id %s', (text, expected) => {
  expect(clientName(id(text))).toBe(expected);
});

test('our peer id names us and our version, and has a printable random end', () => {
  const made = makePeerId((count) => new Uint8Array(count).map((_, i) => i * 23), '12.3.4');
  const text = Buffer.from(made, 'hex').toString('latin1');
  expect(text).toMatch(/^-ENC340-[0-9A-Za-z]{12}$/);
  expect(clientName(made)).toBe('Ensemble 12.3.4');
});
