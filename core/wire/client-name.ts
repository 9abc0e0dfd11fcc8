import { fromHex } from '../base/bytes.ts';
import type { PeerId } from '../base/ids.ts';

/** Two-letter codes of Azureus-style peer ids, `-XX1234-` (BEP 20). */
const AZUREUS: Readonly<Record<string, string>> = {
  AG: 'Ares',
  AZ: 'Vuze',
  BC: 'BitComet',
  BI: 'BiglyBT',
  BT: 'BitTorrent',
  DE: 'Deluge',
  EN: 'Ensemble',
  FD: 'Free Download Manager',
  FL: 'Flud',
  FW: 'FrostWire',
  GT: 'anacrolix/torrent',
  HL: 'Halite',
  KG: 'KGet',
  KT: 'KTorrent',
  LP: 'Lphant',
  LT: 'libtorrent',
  lt: 'rTorrent',
  LW: 'LimeWire',
  PI: 'PicoTorrent',
  qB: 'qBittorrent',
  rQ: 'rqbit',
  SD: 'Xunlei',
  TL: 'Tribler',
  TR: 'Transmission',
  TX: 'Tixati',
  UE: 'µTorrent Embedded',
  UM: 'µTorrent Mac',
  UT: 'µTorrent',
  UW: 'µTorrent Web',
  WD: 'WebTorrent Desktop',
  WW: 'WebTorrent',
  XL: 'Xunlei',
  ZO: 'Zona',
};

/** One-letter codes of Shadow-style peer ids, a letter and up to five version characters, then `-` (BEP 20). */
const SHADOW: Readonly<Record<string, string>> = {
  A: 'ABC',
  O: 'Osprey Permaseed',
  Q: 'BTQueue',
  R: 'Tribler',
  S: 'Shadow',
  T: 'BitTornado',
  U: 'UPnP NAT Bit Torrent',
};

/** Codes before a version written with dashes, as in `M7-10-1--`. */
const DASHED: Readonly<Record<string, string>> = { M: 'BitTorrent', A2: 'aria2', Q: 'Queen Bee' };

/** The value of a version character in Shadow style is its place here. */
const SHADOW_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-';

/** Name and version of the client that a peer id tells of, such as `Transmission 4.0.5`; `unknown` where it tells nothing. */
export function clientName(peerId: PeerId): string {
  const text = String.fromCharCode(...(fromHex(peerId) ?? []));
  return azureus(text) ?? dashed(text) ?? shadow(text) ?? 'unknown';
}

function azureus(text: string): string | undefined {
  const match = /^-([A-Za-z][A-Za-z0-9~])([0-9A-Za-z.]{4})/.exec(text);
  const [, code = '', digits = ''] = match ?? [];
  return match ? `${AZUREUS[code] ?? code} ${azureusVersion(code, digits)}` : undefined;
}

/** How a client writes its version in four characters, where it does not write `1234` for 1.2.3.4. */
function azureusVersion(code: string, digits: string): string {
  const values = Array.from(digits, (digit) => Number.parseInt(digit, 36) || 0);
  const [first = 0] = values;
  // Transmission wrote 2940 for 2.94 and writes 4050 for 4.0.5.
  if (code === 'TR' && first < 4) return `${first}.${digits.slice(1, 3)}`;
  // WebTorrent writes 0208 for 2.8.
  if (code === 'WW' || code === 'WD') return `${Number(digits.slice(0, 2))}.${Number(digits.slice(2))}`;
  // A letter in the fourth place names the kind of a build.
  if (/[A-Za-z]/.test(digits.charAt(3))) values.pop();
  while (values.length > 2 && values.at(-1) === 0) values.pop();
  return values.join('.');
}

function dashed(text: string): string | undefined {
  const match = /^(A2|M|Q)-?(\d{1,2})-(\d{1,2})-(\d{1,2})-/.exec(text);
  const [, code = '', ...numbers] = match ?? [];
  return match ? `${DASHED[code]} ${numbers.join('.')}` : undefined;
}

function shadow(text: string): string | undefined {
  const match = /^([AOQRSTU])([0-9A-Za-z.]{1,5})-{1,5}/.exec(text);
  const [, code = '', digits = ''] = match ?? [];
  if (!match || 1 + digits.length > 6 || !text.slice(1 + digits.length, 6).match(/^-*$/)) return undefined;
  const values = Array.from(digits, (digit) => SHADOW_DIGITS.indexOf(digit));
  return `${SHADOW[code]} ${values.join('.')}`;
}
