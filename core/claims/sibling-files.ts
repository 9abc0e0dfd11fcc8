import { MAX_IDENTITIES } from '../base/bounds.ts';
import { type IdentityIndex, identityIndex, type PeerId } from '../base/ids.ts';
import type { Disk } from '../ports/disk.ts';
import { encodeJson, integerField, parseJsonObject, refuseNewer, stringField } from '../store/records/checked-json.ts';
import type { MemberRecord } from './claim-store.ts';
import { decodeExchange } from './exchange.ts';

const VERSION = 1;
const MAX_BYTES = 4096;

/** Registers an identity, or renews its heartbeat. */
export async function registerSibling(disk: Disk, folder: string, own: MemberRecord): Promise<void> {
  await disk.replaceFile(siblingPath(folder, own.index), encodeMember(own));
}

/** A registration as it is kept, in a file or elsewhere; `more`: what else is said there. */
export function encodeMember(own: MemberRecord, more: Readonly<Record<string, string>> = {}): Uint8Array {
  const { index, peerId, endpoint, machine, heartbeat, exchange } = own;
  const value = { version: VERSION, index, peerId, address: endpoint.host, port: endpoint.port, machine, heartbeat };
  return encodeJson({ ...value, ...(exchange !== undefined && { exchange }), ...more });
}

/** Unregisters an identity that leaves on purpose. */
export async function unregisterSibling(disk: Disk, folder: string, index: IdentityIndex): Promise<void> {
  await disk.remove(siblingPath(folder, index));
}

/** All registered identities, ascending; damaged files are ignored. Rejects with EnsembleError('newer-version'). */
export async function readSiblings(disk: Disk, folder: string): Promise<MemberRecord[]> {
  const out: MemberRecord[] = [];
  for (const name of await disk.list(folder)) {
    const digits = /^sibling-(0|[1-9]\d{0,2})\.json$/.exec(name)?.[1];
    if (digits === undefined || Number(digits) >= MAX_IDENTITIES) continue;
    const path = siblingPath(folder, identityIndex(Number(digits)));
    const data = await disk.readFile(path, MAX_BYTES).catch(() => undefined);
    const record = data && decodeMember(data, path, Number(digits));
    if (record !== undefined) out.push(record);
  }
  return out.sort((a, b) => a.index - b.index);
}

/** A registration that somebody else kept; undefined for one that is damaged. Throws EnsembleError('newer-version'). */
export function decodeMember(data: Uint8Array, path: string, index: number): MemberRecord | undefined {
  const fields = data.length > MAX_BYTES ? undefined : parseJsonObject(data);
  if (fields === undefined) return undefined;
  refuseNewer(fields, VERSION, 'registration', path);
  const peerId = stringField(fields, 'peerId', 40);
  const host = stringField(fields, 'address', 64);
  const port = integerField(fields, 'port', 0, 65535);
  const machine = stringField(fields, 'machine', 400) ?? '';
  const { heartbeat } = fields;
  if (fields['index'] !== index || peerId === undefined || !/^[0-9a-f]{40}$/.test(peerId)) return undefined;
  if (host === undefined || !/^[0-9a-zA-Z.:%-]*$/.test(host) || port === undefined) return undefined;
  if (typeof heartbeat !== 'number' || !Number.isFinite(heartbeat)) return undefined;
  const exchange = decodeExchange(fields);
  return {
    index: identityIndex(index),
    peerId: peerId as PeerId,
    endpoint: { host, port },
    machine,
    heartbeat,
    ...(exchange !== undefined && { exchange }),
  };
}

function siblingPath(folder: string, index: IdentityIndex): string {
  return `${folder}/sibling-${index}.json`;
}
