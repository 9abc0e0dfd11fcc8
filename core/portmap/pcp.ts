import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import { formatIp, parseIp } from '../base/ip.ts';
import { PROTOCOL_NUMBER, type Transport } from './transport.ts';

// The Port Control Protocol (RFC 6887): requests and answers of at most 1,100 bytes, in fields of fixed places.

const VERSION = 2;
const HEADER = 24;
const MAP_LENGTH = 60;
const MOST_LENGTH = 1100;
const ANNOUNCE = 0;
const MAP = 1;
/** Bit of the operation that an answer bears. */
const ANSWER = 0x80;

/** Length of the random bytes that show that an answer, and later a mapping, is ours. */
export const NONCE_LENGTH = 12;

export interface PcpMap {
  /** Our own address; a router that sees another one refuses (`ADDRESS_MISMATCH`). */
  readonly client: string;
  readonly nonce: Uint8Array;
  readonly transport: Transport;
  readonly inner: number;
  /** The outer port that we would like. */
  readonly outer: number;
  /** Seconds; 0 ends the mapping. */
  readonly lifetime: number;
}

/** What a router answers. `result` 0 is success (`PCP_RESULTS`), `epoch` its time in seconds since it forgot all mappings. */
export type PcpReply =
  | { readonly kind: 'announce'; readonly result: number; readonly epoch: number }
  | {
      readonly kind: 'map';
      readonly result: number;
      readonly epoch: number;
      /** Of the mapping, or after a refusal how long to wait; seconds. */
      readonly lifetime: number;
      /** Absent in a refusal that does not repeat the request. */
      readonly mapping?: {
        readonly nonce: Uint8Array;
        readonly transport: Transport;
        readonly inner: number;
        readonly outer: number;
        readonly outerHost: string;
      };
    };

export function encodePcpMap(request: PcpMap): Uint8Array {
  const out = new Uint8Array(MAP_LENGTH);
  header(out, MAP, request.client, request.lifetime);
  out.set(request.nonce.subarray(0, NONCE_LENGTH), 24);
  out[36] = PROTOCOL_NUMBER[request.transport];
  writeU16(out, 40, request.inner);
  writeU16(out, 42, request.outer);
  // Any outer address, of the family that the client's one has.
  if (!request.client.includes(':')) out.set([0xff, 0xff], 54);
  return out;
}

/** Asks for nothing but the router's time. */
export function encodePcpAnnounce(client: string): Uint8Array {
  const out = new Uint8Array(HEADER);
  header(out, ANNOUNCE, client, 0);
  return out;
}

/** Undefined for what is no answer of this version. */
export function decodePcp(data: Uint8Array): PcpReply | undefined {
  if (data.length < HEADER || data.length > MOST_LENGTH || data[0] !== VERSION) return undefined;
  const result = data[3] ?? 0;
  const epoch = readU32(data, 8);
  if (data[1] === (ANSWER | ANNOUNCE)) return { kind: 'announce', result, epoch };
  if (data[1] !== (ANSWER | MAP)) return undefined;
  const lifetime = readU32(data, 4);
  const transport = data[36] === PROTOCOL_NUMBER.tcp ? 'tcp' : data[36] === PROTOCOL_NUMBER.udp ? 'udp' : undefined;
  if (data.length < MAP_LENGTH || transport === undefined) {
    return result === 0 ? undefined : { kind: 'map', result, epoch, lifetime };
  }
  const mapping = {
    nonce: data.slice(24, 24 + NONCE_LENGTH),
    transport,
    inner: readU16(data, 40),
    outer: readU16(data, 42),
    outerHost: formatIp(data.subarray(44, 60)),
  } as const;
  return { kind: 'map', result, epoch, lifetime, mapping };
}

function header(out: Uint8Array, operation: number, client: string, lifetime: number): void {
  out[0] = VERSION;
  out[1] = operation;
  writeU32(out, 4, lifetime);
  const ip = parseIp(client) ?? new Uint8Array(4);
  if (ip.length === 4) out.set([0xff, 0xff], 18);
  out.set(ip, 24 - ip.length);
}

/** What the results mean (RFC 6887, section 7.4). */
export const PCP_RESULTS: Readonly<Record<number, string>> = {
  1: 'it speaks another version',
  2: 'it does not allow that',
  3: 'it could not read the request',
  4: 'it does not know the operation',
  5: 'it does not know an option',
  6: 'it could not read an option',
  7: 'it has no connection to the internet',
  8: 'it has no resources left, or no public address',
  9: 'it does not map this protocol',
  10: 'we have too many mappings there already',
  11: 'it cannot give that outer port',
  12: 'another router lies between it and us',
  13: 'it cannot limit who may come in',
};
