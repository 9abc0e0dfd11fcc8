import { type BencodeInput, encode } from '../bencode/bencode.ts';
import type { NodeId } from './node-id.ts';

/** No message of ours is larger (BEP 32 wants at most this). */
export const MAX_MESSAGE_OUT = 1024;

/** Meanings of error codes (BEP 5). */
export const ErrorCode = { protocol: 203, unknownMethod: 204 } as const;

export type Method = 'ping' | 'get_peers' | 'announce_peer';

/** Arguments or returned values, without the id. */
export interface Fields {
  readonly [key: string]: BencodeInput | undefined;
}

export interface QueryHead {
  readonly transaction: Uint8Array;
  readonly id: NodeId;
  readonly version: Uint8Array;
  /** Say that we answer nobody (BEP 43). */
  readonly readOnly: boolean;
}

/** A question of ours. */
export function encodeQuery(
  method: Method,
  args: Fields,
  { transaction, id, version, readOnly }: QueryHead,
): Uint8Array {
  const ro = readOnly ? 1 : undefined;
  return encode({ a: { id, ...args }, q: method, ro, t: transaction, v: version, y: 'q' });
}

/** `ip`: how we see whoever asked, in compact form (BEP 42). */
export interface AnswerHead {
  readonly transaction: Uint8Array;
  readonly version: Uint8Array;
  readonly ip: Uint8Array;
}

export function encodeReply(id: NodeId, fields: Fields, { transaction, version, ip }: AnswerHead): Uint8Array {
  return encode({ ip, r: { id, ...fields }, t: transaction, v: version, y: 'r' });
}

export function encodeError(code: number, text: string, { transaction, version, ip }: AnswerHead): Uint8Array {
  return encode({ e: [code, text], ip, t: transaction, v: version, y: 'e' });
}
