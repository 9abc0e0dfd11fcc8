import { MAX_IDENTITIES } from '../base/bounds.ts';
import type { SelectionMode } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import { type InfoHash, millis, type Millis } from '../base/ids.ts';
import { agreedFields, whatDiffers } from '../store/records/agreement.ts';
import { encodeJson, parseJsonObject, refuseNewer } from '../store/records/checked-json.ts';
import { DEFAULT_LEASE } from './sibling-watch.ts';

const VERSION = 1;
const MAX_BYTES = 4096;

/** What all identities that meet at a server must agree on. Each has its own folder, so that layouts may differ. */
export interface GroupRules {
  readonly infoHash: InfoHash;
  /** K. */
  readonly count: number;
  readonly selection: SelectionMode;
  /** An identity without a heartbeat for this long counts as dead. */
  readonly lease: Millis;
}

/** What one of them asks for. `count` undefined: what the others say, else as many as there may be. */
export type AskedRules = Omit<GroupRules, 'count'> & { readonly count: number | undefined };

export function encodeRules({ infoHash, count = MAX_IDENTITIES, selection, lease }: AskedRules): Uint8Array {
  const leaseSeconds = lease === DEFAULT_LEASE ? {} : { leaseSeconds: lease / 1000 };
  return encodeJson({ version: VERSION, infoHash, count, selection, ...leaseSeconds });
}

/** The rules that hold at `place`, which are to be ours. Throws EnsembleError('usage') naming what differs, or 'newer-version'. */
export function agreeOnRules(data: Uint8Array, own: Omit<AskedRules, 'lease'>, place: string): GroupRules {
  const fields = data.length > MAX_BYTES ? undefined : parseJsonObject(data);
  if (fields !== undefined) refuseNewer(fields, VERSION, 'manifest in', place);
  const { infoHash, count, selection, leaseSeconds: seconds } = agreedFields(fields ?? {});
  if (infoHash === undefined || count === undefined || selection === undefined) {
    throw new EnsembleError('usage', `What lies at ${place} is none of Ensemble's. Choose another name there.`);
  }
  const list = whatDiffers([
    ['torrent', infoHash, own.infoHash],
    ['number of identities', count, own.count ?? count],
    ['selection', selection, own.selection],
  ]);
  if (list !== undefined) {
    throw new EnsembleError('usage', `${place} is used by another download: ${list}. Use the same, or another name.`);
  }
  return { ...own, count, lease: seconds === undefined ? DEFAULT_LEASE : millis(seconds * 1000) };
}
