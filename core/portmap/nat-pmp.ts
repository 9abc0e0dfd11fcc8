import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import { formatIp } from '../base/ip.ts';
import type { Transport } from './transport.ts';

// NAT-PMP (RFC 6886), of which PCP is the successor: a router that speaks it alone refuses PCP's version with result 1.

const VERSION = 0;
const ANSWER = 0x80;
const OPERATION = { udp: 1, tcp: 2 } as const;
const MOST_LENGTH = 1100;

/** What a router answers. `result` 0 is success; a refusal repeats what was asked for, so look at it first. */
export type NatPmpReply =
  /** It speaks no version of the request. */
  | { readonly kind: 'version'; readonly epoch: number }
  | { readonly kind: 'address'; readonly result: number; readonly epoch: number; readonly host: string }
  | {
      readonly kind: 'map';
      readonly result: number;
      readonly epoch: number;
      readonly transport: Transport;
      readonly inner: number;
      readonly outer: number;
      /** Seconds. */
      readonly lifetime: number;
    };

/** Asks for the outer address. */
export function encodeAddressRequest(): Uint8Array {
  return new Uint8Array(2);
}

/** `lifetime` in seconds; 0, with an outer port of 0, ends the mapping. */
export function encodeNatPmpMap(transport: Transport, inner: number, outer: number, lifetime: number): Uint8Array {
  const out = new Uint8Array(12);
  out[1] = OPERATION[transport];
  writeU16(out, 4, inner);
  writeU16(out, 6, outer);
  writeU32(out, 8, lifetime);
  return out;
}

/** Undefined for what is no answer of this version. */
export function decodeNatPmp(data: Uint8Array): NatPmpReply | undefined {
  if (data.length < 8 || data.length > MOST_LENGTH || data[0] !== VERSION) return undefined;
  const operation = (data[1] ?? 0) ^ ANSWER;
  const result = readU16(data, 2);
  const epoch = readU32(data, 4);
  if (result === 1) return { kind: 'version', epoch };
  if (operation === 0) {
    if (result !== 0) return { kind: 'address', result, epoch, host: '0.0.0.0' };
    return data.length < 12 ? undefined : { kind: 'address', result, epoch, host: formatIp(data.subarray(8, 12)) };
  }
  const transport = operation === OPERATION.tcp ? 'tcp' : operation === OPERATION.udp ? 'udp' : undefined;
  if (transport === undefined || data.length < 10 || (result === 0 && data.length < 16)) return undefined;
  const [inner, outer] = [readU16(data, 8), data.length < 16 ? 0 : readU16(data, 10)];
  return { kind: 'map', result, epoch, transport, inner, outer, lifetime: data.length < 16 ? 0 : readU32(data, 12) };
}

/** What the results mean (RFC 6886, section 3.5). */
export const NAT_PMP_RESULTS: Readonly<Record<number, string>> = {
  1: 'it speaks another version',
  2: 'it does not allow that',
  3: 'it has no connection to the internet, or no public address',
  4: 'it has no resources left',
  5: 'it does not know the operation',
};
