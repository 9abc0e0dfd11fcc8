import { EnsembleError } from '../base/errors.ts';
import { type BencodeDict, type BencodeValue, decode, isDict } from '../bencode/bencode.ts';
import { binaryText } from '../bencode/binary-text.ts';
import { type NodeId, asNodeId } from './node-id.ts';

/** Larger datagrams are dropped unread. */
export const MAX_MESSAGE_IN = 1500;
/** Longest transaction id of others that is sent back, and longest token. */
const MAX_TRANSACTION = 32;
const MAX_TOKEN = 128;
const MAX_METHOD = 32;
const LIMITS = { maxBytes: MAX_MESSAGE_IN, maxDepth: 8, maxItems: 800 };

/** A question of another node. Its arguments are checked by whoever answers, so that the answer can say what is wrong. */
export interface KrpcQuery {
  readonly kind: 'query';
  readonly transaction: Uint8Array;
  readonly method: string;
  /** Undefined: missing, or not 20 bytes. */
  readonly id: NodeId | undefined;
  readonly args: BencodeDict;
  /** Whoever asks answers nobody, and is not to be remembered (BEP 43). */
  readonly readOnly: boolean;
}

export interface KrpcReply {
  readonly kind: 'reply';
  readonly transaction: Uint8Array;
  readonly id: NodeId;
  readonly body: BencodeDict;
  /** Our address as the other node sees it, in compact form (BEP 42). */
  readonly ip: Uint8Array | undefined;
}

/** A refusal, or an answer that says nothing. */
export interface KrpcError {
  readonly kind: 'error';
  readonly transaction: Uint8Array;
  readonly ip: Uint8Array | undefined;
}

export type KrpcMessage = KrpcQuery | KrpcReply | KrpcError;

/** Reads a message of the DHT (BEP 5). Throws EnsembleError('protocol') for what is none. */
export function decodeKrpc(data: Uint8Array): KrpcMessage {
  const message = readDict(data);
  const transaction = bytesIn(message, 't', 0, MAX_TRANSACTION);
  if (transaction === undefined) throw new EnsembleError('protocol', 'A DHT message has no usable transaction id.');
  switch (textIn(message, 'y')) {
    case 'q': {
      const method = textIn(message, 'q');
      const args = message['a'];
      if (method === undefined) break;
      const known = isDict(args) ? args : (Object.create(null) as BencodeDict);
      const id = asNodeId(bytesIn(known, 'id'));
      return { kind: 'query', transaction, method, id, args: known, readOnly: flagIn(message, 'ro') };
    }
    case 'r': {
      const body = message['r'];
      const id = isDict(body) ? asNodeId(bytesIn(body, 'id')) : undefined;
      const ip = bytesIn(message, 'ip');
      // Whoever does not say who it is has answered nothing.
      if (!isDict(body) || id === undefined) return { kind: 'error', transaction, ip };
      return { kind: 'reply', transaction, id, body, ip };
    }
    case 'e':
      return { kind: 'error', transaction, ip: bytesIn(message, 'ip') };
    default:
  }
  throw new EnsembleError('protocol', 'A DHT message is no query, reply or error.');
}

function readDict(data: Uint8Array): BencodeDict {
  let value: BencodeValue;
  try {
    value = decode(data, LIMITS);
  } catch (error) {
    throw new EnsembleError('protocol', 'A DHT message is no bencoded value.', { cause: error });
  }
  if (!isDict(value)) throw new EnsembleError('protocol', 'A DHT message is no dictionary.');
  return value;
}

/** The byte string under `key`; undefined where there is none with so many bytes. */
export function bytesIn(dict: BencodeDict, key: string, least = 0, most = MAX_MESSAGE_IN): Uint8Array | undefined {
  const value = dict[key];
  return value instanceof Uint8Array && value.length >= least && value.length <= most ? value : undefined;
}

/** Whether there is a number other than 0 under `key`. */
export function flagIn(dict: BencodeDict, key: string): boolean {
  const value = dict[key];
  return typeof value === 'number' && value !== 0;
}

/** The byte strings in the list under `key`. */
export function listIn(dict: BencodeDict, key: string): Uint8Array[] {
  const value = dict[key];
  return Array.isArray(value) ? value.filter((item): item is Uint8Array => item instanceof Uint8Array) : [];
}

/** What allows us to announce to whoever answered so; undefined: it takes no announce. */
export function tokenIn(body: BencodeDict): Uint8Array | undefined {
  return bytesIn(body, 'token', 1, MAX_TOKEN);
}

function textIn(dict: BencodeDict, key: string): string | undefined {
  const value = bytesIn(dict, key, 1, MAX_METHOD);
  return value && binaryText(value);
}
