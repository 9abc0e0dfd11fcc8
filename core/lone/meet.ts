import { toHex } from '../base/bytes.ts';
import type { SelectionMode } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import type { IdentityIndex, InfoHash, Millis } from '../base/ids.ts';
import type { StorePlace } from '../base/store-place.ts';
import { BucketStore } from '../claims/bucket-store.ts';
import type { ClaimStore } from '../claims/claim-store.ts';
import { DEFAULT_LEASE } from '../claims/sibling-watch.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import { takeLock } from '../store/records/lock.ts';
import type { LonePorts } from './setup.ts';

const SEAT = /^[0-9a-f]{24}$/;

interface Meeting {
  readonly ports: LonePorts;
  /** Where this identity keeps what it has. */
  readonly folder: string;
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  readonly identity: IdentityIndex;
  readonly count: number;
  readonly selection: SelectionMode;
  readonly store: StorePlace;
  readonly signal: AbortSignal;
  warn(text: string): void;
}

interface Met {
  readonly store: ClaimStore;
  /** An identity without a heartbeat for this long counts as dead. */
  readonly lease: Millis;
  /** To be called at the end, whatever happened. */
  part(): Promise<void>;
}

/** Meets the identities on other machines at a server. Rejects with EnsembleError, and with the reason of `signal`. */
export async function meet(meeting: Meeting): Promise<Met> {
  const { ports, folder, infoHash, pieceCount, identity, count, selection, store: place, signal, warn } = meeting;
  if (ports.buckets === undefined) throw new EnsembleError('usage', `Nothing here speaks to ${place.shown}.`);
  await ports.disk.makeDirectory(folder);
  const lock = await takeLock(ports, `${folder}/lock-${identity}`);
  const store = new BucketStore({
    ports,
    server: ports.buckets(place),
    group: `ensemble-${place.name}-${infoHash.slice(0, 16)}`,
    pieceCount,
    identity,
    rules: { infoHash, count, selection, lease: DEFAULT_LEASE },
    seat: await seatIn(ports.disk, folder, identity, ports.random),
    onTrouble: warn,
  });
  const hurry = (): void => store.hurry();
  if (signal.aborted) hurry();
  signal.addEventListener('abort', hurry, { once: true });
  const part = async (): Promise<void> => {
    signal.removeEventListener('abort', hurry);
    await store.leave();
    await lock.release().catch(() => undefined);
  };
  try {
    const { lease } = await store.agree();
    return { store, lease, part };
  } catch (error) {
    await part();
    throw signal.aborted ? signal.reason : error;
  }
}

/** What tells this folder from those of the same identity elsewhere, also after this machine was started anew. */
async function seatIn(disk: Disk, folder: string, identity: IdentityIndex, random: Random): Promise<string> {
  const path = `${folder}/seat-${identity}`;
  const there = await disk.readFile(path, 64);
  const text = there === undefined ? '' : new TextDecoder().decode(there);
  if (SEAT.test(text)) return text;
  const seat = toHex(random.bytes(12));
  await disk.replaceFile(path, new TextEncoder().encode(seat));
  return seat;
}
