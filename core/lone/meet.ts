import { toHex } from '../base/bytes.ts';
import type { SelectionMode } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import { type IdentityIndex, identityIndex, type InfoHash, type Millis } from '../base/ids.ts';
import type { StorePlace } from '../base/store-place.ts';
import { BucketStore } from '../claims/bucket-store.ts';
import { takeFreeIndex } from '../claims/free-index.ts';
import { HaveBoard } from '../claims/have-board.ts';
import { SessionKeeper } from '../claims/session-keeper.ts';
import { SECRET_LENGTH } from '../claims/store-session.ts';
import { DEFAULT_LEASE } from '../claims/sibling-watch.ts';
import type { Disk } from '../ports/disk.ts';
import type { Random } from '../ports/random.ts';
import { takeLock } from '../store/records/lock.ts';
import type { LonePorts } from './setup.ts';

const SEAT = /^[0-9a-f]{24}$/;

/** Where machines meet for a torrent, and what they agree on there. */
export interface Meeting {
  readonly ports: LonePorts;
  /** Where this identity keeps what it has. */
  readonly folder: string;
  readonly infoHash: InfoHash;
  readonly pieceCount: number;
  /** K; undefined: as many as the others say, else as come. */
  readonly count: number | undefined;
  readonly selection: SelectionMode;
  readonly store: StorePlace;
  readonly signal: AbortSignal;
  /** Whether somebody else sees to it that one process alone has the folder. */
  readonly locked?: true;
  /** `isOver`: what was told before is over. */
  warn(text: string, isOver?: boolean): void;
}

interface Met {
  readonly store: BucketStore;
  /** An identity without a heartbeat for this long counts as dead. */
  readonly lease: Millis;
  /** To be called at the end, whatever happened. */
  part(): Promise<void>;
}

/** Meets the identities on other machines at a server. Rejects with EnsembleError, and with the reason of `signal`. */
export async function meet(meeting: Meeting, identity: IdentityIndex): Promise<Met> {
  const { ports, folder, signal, warn } = meeting;
  const common = commonOf(meeting);
  await ports.disk.makeDirectory(folder);
  const lock = meeting.locked === true ? undefined : await takeLock(ports, `${folder}/lock-${identity}`);
  const store = new BucketStore({
    ...common,
    ports,
    identity,
    seat: await seatIn(ports.disk, folder, identity, ports.random),
    onTrouble: warn,
  });
  const hurry = (): void => store.hurry();
  if (signal.aborted) hurry();
  signal.addEventListener('abort', hurry, { once: true });
  const part = async (): Promise<void> => {
    signal.removeEventListener('abort', hurry);
    await store.leave();
    await lock?.release().catch(() => undefined);
  };
  try {
    const { lease } = await store.agree();
    return { store, lease, part };
  } catch (error) {
    await part();
    throw signal.aborted ? signal.reason : error;
  }
}

interface TakenPlace {
  readonly identity: IdentityIndex;
  /** K. */
  readonly count: number;
  /** To be called once the folder is ours. */
  sit(): Promise<void>;
}

/**
 * For a machine that was not told which identity it is: takes a free place, and says how many there are. Rejects as `meet` does.
 */
export async function takePlace(meeting: Meeting): Promise<TakenPlace> {
  const { ports, folder, signal, warn } = meeting;
  const common = commonOf(meeting);
  const seats = new Map<IdentityIndex, string>();
  for (const name of await ports.disk.list(folder)) {
    const digits = /^seat-(0|[1-9]\d?)$/.exec(name)?.[1];
    if (digits === undefined) continue;
    const identity = identityIndex(Number(digits));
    const seat = await readSeat(ports.disk, folder, identity);
    if (seat !== undefined) seats.set(identity, seat);
  }
  const sessions = new SessionKeeper({
    ...common,
    clock: ports.clock,
    identity: undefined,
    run: toHex(ports.random.bytes(12)),
    secret: ports.random.bytes(SECRET_LENGTH),
    board: new HaveBoard(common.pieceCount),
    store: `claim store ${common.server.name}`,
    joined: () => Promise.resolve(),
    onTrouble: warn,
  });
  const hurry = (): void => sessions.hurry();
  if (signal.aborted) hurry();
  signal.addEventListener('abort', hurry, { once: true });
  try {
    const fresh = toHex(ports.random.bytes(12));
    const taken = await sessions.do(async (session) => {
      return { ...(await takeFreeIndex(session, seats, fresh)), count: session.rules.count };
    });
    const { index: identity, count, seat } = taken;
    return { identity, count, sit: () => keepSeat(ports.disk, folder, identity, seat) };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', hurry);
    sessions.close();
  }
}

/** What of the store does not depend on who looks. */
function commonOf({ ports, infoHash, pieceCount, count, selection, store: place }: Meeting) {
  if (ports.buckets === undefined) throw new EnsembleError('usage', `Nothing here speaks to ${place.shown}.`);
  return {
    server: ports.buckets(place),
    group: `ensemble-${place.name}-${infoHash.slice(0, 16)}`,
    pieceCount,
    rules: { infoHash, count, selection, lease: DEFAULT_LEASE },
  };
}

/** What tells this folder from those of the same identity elsewhere, also after this machine was started anew. */
async function seatIn(disk: Disk, folder: string, identity: IdentityIndex, random: Random): Promise<string> {
  const known = await readSeat(disk, folder, identity);
  if (known !== undefined) return known;
  const seat = toHex(random.bytes(12));
  await keepSeat(disk, folder, identity, seat);
  return seat;
}

async function readSeat(disk: Disk, folder: string, identity: IdentityIndex): Promise<string | undefined> {
  const there = await disk.readFile(`${folder}/seat-${identity}`, 64);
  const text = there === undefined ? '' : new TextDecoder().decode(there);
  return SEAT.test(text) ? text : undefined;
}

function keepSeat(disk: Disk, folder: string, identity: IdentityIndex, seat: string): Promise<void> {
  return disk.replaceFile(`${folder}/seat-${identity}`, new TextEncoder().encode(seat));
}
