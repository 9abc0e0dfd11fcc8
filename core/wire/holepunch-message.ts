import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { formatIp, parseIp } from '../base/ip.ts';

/** The name of hole punching in the extension handshake (BEP 55). */
export const HOLEPUNCH = 'ut_holepunch';

/** Why a common peer does not bring two others together. */
export const PUNCH_ERROR = { noSuchPeer: 1, notConnected: 2, noSupport: 3, noSelf: 4 } as const;

export type PunchError = (typeof PUNCH_ERROR)[keyof typeof PUNCH_ERROR];

/**
 * `rendezvous`, to a common peer: bring us together with `peer`. `connect`, from it: dial `peer` over uTP now, as it dials you.
 * `error`, from it: that does not go. `peer` is as it was sent, and may be nobody's endpoint.
 */
export type HolepunchMessage =
  | { readonly kind: 'rendezvous' | 'connect'; readonly peer: Endpoint }
  | { readonly kind: 'error'; readonly peer: Endpoint; readonly code: number };

const KINDS = ['rendezvous', 'connect', 'error'] as const;
const HEAD = 2;
const PORT = 2;
const CODE = 4;

/** The payload of a message; the code is always there: some clients wait for it. */
export function encodeHolepunch(kind: 'rendezvous' | 'connect', { host, port }: Endpoint): Uint8Array {
  const ip = parseIp(host);
  if (ip === undefined) throw new Error(`${host} is no IP literal`);
  const out = new Uint8Array(HEAD + ip.length + PORT + CODE);
  out[0] = KINDS.indexOf(kind);
  out[1] = ip.length === 4 ? 0 : 1;
  out.set(ip, HEAD);
  writeU16(out, HEAD + ip.length, port);
  return out;
}

/** The answer to a `rendezvous` that was read without an error; it names the same endpoint, byte by byte. */
export function encodeHolepunchError(rendezvous: Uint8Array, code: PunchError): Uint8Array {
  const end = HEAD + addressLength(rendezvous) + PORT;
  const out = new Uint8Array(end + CODE);
  out.set(rendezvous.subarray(0, end));
  out[0] = KINDS.indexOf('error');
  writeU32(out, end, code);
  return out;
}

/**
 * Reads a payload: 12 or 24 bytes, or 8 or 20 of those that leave out a code that is zero. Undefined: a kind that came after BEP 55.
 * Throws EnsembleError('protocol').
 */
export function decodeHolepunch(payload: Uint8Array): HolepunchMessage | undefined {
  const length = addressLength(payload);
  const end = HEAD + length + PORT;
  if (payload.length !== end && payload.length !== end + CODE) throw breach(`has ${payload.length} bytes`);
  const kind = KINDS[payload[0] ?? KINDS.length];
  if (kind === undefined) return undefined;
  const peer = { host: formatIp(payload.subarray(HEAD, HEAD + length)), port: readU16(payload, HEAD + length) };
  if (kind !== 'error') return { kind, peer };
  return { kind, peer, code: payload.length === end ? 0 : readU32(payload, end) };
}

function addressLength(payload: Uint8Array): 4 | 16 {
  const type = payload[1];
  if (type !== 0 && type !== 1) throw breach(type === undefined ? 'is cut off' : `has an address of type ${type}`);
  return type === 0 ? 4 : 16;
}

function breach(what: string): EnsembleError {
  return new EnsembleError('protocol', `The peer's message on hole punching ${what}. The connection is closed.`);
}
