import { isDict, decode, encode } from '../bencode/bencode.ts';
import type { BencodeDict, BencodeValue } from '../bencode/bencode.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import { formatIp, parseIp } from '../base/ip.ts';
import { MAX_METADATA_SIZE } from './metadata-assembly.ts';

/** What a peer says of itself in the extension protocol's own handshake (BEP 10; `metadata_size` BEP 9; `upload_only` BEP 21). */
export interface ExtensionHandshake {
  /** `m`: extension name to the number under which its sender wants to get it; 0 switches it off. */
  readonly messages: ReadonlyMap<string, number>;
  /** `v`: name and version, printable, at most 64 characters. */
  readonly client?: string;
  /** `reqq`: requests that it queues. */
  readonly requestQueue?: number;
  /** `yourip`: the receiver's address as the sender sees it. */
  readonly yourIp?: string;
  /** `p`: TCP port that it listens on. */
  readonly port?: number;
  /** `metadata_size`: bytes of the info dictionary. */
  readonly metadataSize?: number;
  /** `upload_only`: it wants nothing, whether it has everything or only what it chose. */
  readonly uploadOnly?: boolean;
  /** `e`: it prefers encryption (BEP 11). */
  readonly prefersEncryption?: boolean;
}

const MAX_EXTENSIONS = 128;
const MAX_NAME_LENGTH = 64;
const MAX_CLIENT_LENGTH = 64;
const LIMITS = { maxDepth: 8, maxItems: 1000 } as const;

/** The payload of extended message 0. */
export function encodeExtensionHandshake(handshake: ExtensionHandshake): Uint8Array {
  return encode({
    m: Object.fromEntries(handshake.messages),
    v: handshake.client,
    reqq: handshake.requestQueue,
    yourip: handshake.yourIp === undefined ? undefined : parseIp(handshake.yourIp),
    p: handshake.port,
    metadata_size: handshake.metadataSize,
    upload_only: handshake.uploadOnly === undefined ? undefined : handshake.uploadOnly ? 1 : 0,
    e: handshake.prefersEncryption ? 1 : undefined,
  });
}

/** Reads the payload of extended message 0. A field out of its range counts as absent; what is no dictionary throws EnsembleError('protocol'). */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const dict = decodeDict(payload);
  const client = dict['v'] instanceof Uint8Array ? printable(dict['v']) : '';
  const requestQueue = integer(dict['reqq'], 1, 1_000_000);
  const yourIp = address(dict['yourip']);
  const port = integer(dict['p'], 1, 65535);
  const metadataSize = integer(dict['metadata_size'], 1, MAX_METADATA_SIZE);
  const uploadOnly = integer(dict['upload_only'], 0, 1);
  const encryption = integer(dict['e'], 0, 1);
  return {
    messages: readMessages(dict['m']),
    ...(client !== '' && { client }),
    ...(requestQueue !== undefined && { requestQueue }),
    ...(yourIp !== undefined && { yourIp }),
    ...(port !== undefined && { port }),
    ...(metadataSize !== undefined && { metadataSize }),
    ...(uploadOnly !== undefined && { uploadOnly: uploadOnly === 1 }),
    ...(encryption !== undefined && { prefersEncryption: encryption === 1 }),
  };
}

function decodeDict(payload: Uint8Array): BencodeDict {
  let value: BencodeValue;
  try {
    value = decode(payload, LIMITS);
  } catch (error) {
    throw new EnsembleError('protocol', `The peer's extension handshake cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (!isDict(value)) throw new EnsembleError('protocol', "The peer's extension handshake is no dictionary.");
  return value;
}

function readMessages(value: BencodeValue | undefined): Map<string, number> {
  const out = new Map<string, number>();
  if (!isDict(value)) return out;
  for (const [name, id] of Object.entries(value)) {
    const number = integer(id, 0, 255);
    if (number === undefined || name.length > MAX_NAME_LENGTH) continue;
    out.set(name, number);
    if (out.size === MAX_EXTENSIONS) break;
  }
  return out;
}

function integer(value: BencodeValue | undefined, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

function address(value: BencodeValue | undefined): string | undefined {
  return value instanceof Uint8Array && (value.length === 4 || value.length === 16) ? formatIp(value) : undefined;
}

/** Text for people: no control, format or unassigned characters (they could forge lines of a log or reverse a display). */
function printable(data: Uint8Array): string {
  const text = new TextDecoder().decode(data.subarray(0, 4 * MAX_CLIENT_LENGTH)).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  return Array.from(text.trim()).slice(0, MAX_CLIENT_LENGTH).join('');
}
