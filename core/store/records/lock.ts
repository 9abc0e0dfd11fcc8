import { crc32 } from 'node:zlib';
import { toHex } from '../../base/bytes.ts';
import { EnsembleError } from '../../base/errors.ts';
import { millis, type Millis } from '../../base/ids.ts';
import type { Timer } from '../../ports/clock.ts';
import type { Disk } from '../../ports/disk.ts';
import type { Ports } from '../../ports/ports.ts';
import type { ProcessFact, ProcessFacts } from '../../ports/process-facts.ts';
import { encodeJson, integerField, parseJsonObject, refuseNewer, stringField } from './checked-json.ts';
import { createFile } from './create-file.ts';

const VERSION = 1;
const MAX_BYTES = 4096;
/** A holder on another machine counts as dead when its lease was not renewed for this long. */
const LEASE = millis(60_000);
const RENEWAL = millis(20_000);
/** Longest chain of holders each of which died while it took over from the one before: more than one is rare. */
const MAX_CHAIN = 16;
/** Tokens of the locks that this process holds or is taking: a lock with its name and another token was left behind by a fault. */
const held = new Set<string>();

/** What a lock file says. `token` is new each time a lock is taken; `lease` is wall time. */
interface LockRecord extends ProcessFact {
  readonly token: string;
  readonly lease: number;
}

/** Who has a lock. `process`: undefined where the file does not say it, as whoever made it was at it, or died at it. */
interface Holder extends Pick<LockRecord, 'token' | 'lease'> {
  readonly process: ProcessFact | undefined;
}

/** A lock that this process holds. */
export interface Lock {
  /** Time of day until which no other machine takes it over. */
  readonly lease: Millis;
  /** Whether it is certainly ours, as another machine may have taken it during a long sleep. Renews a lease that is over. */
  sure(): Promise<boolean>;
  /** Whether it is still ours. Renews the lease. */
  renew(): Promise<boolean>;
  /** Gives it up; harmless twice. */
  release(): Promise<void>;
}

export type LockPorts = Pick<Ports, 'disk' | 'clock' | 'random'> & { readonly processFacts: ProcessFacts };

/** What becomes of a lock while it is held. */
export interface LockListener {
  /** It turned out to be another's. Called once. */
  lost(): void;
  /** Its lease is longer now. */
  renewed?(): void;
}

/**
 * Takes a lock file, or takes it over from a dead holder: one that is gone from this machine, or whose lease has run out. If
 * several processes try at once, exactly one gets it. Rejects with EnsembleError('in-use') naming the holder.
 */
export async function takeLock(ports: LockPorts, path: string, listener?: LockListener): Promise<Lock> {
  const me: LockRecord = {
    ...(await ports.processFacts.self()),
    token: toHex(ports.random.bytes(12)),
    lease: ports.clock.wall() + LEASE,
  };
  held.add(me.token);
  try {
    if (!(await createFile(ports.disk, path, encodeLock(me), me.token))) await replaceHolder(ports, path, me);
  } catch (error) {
    held.delete(me.token);
    throw error;
  }
  return new HeldLock(ports, path, me, listener);
}

/**
 * Whoever makes the file `<path>.<token of the dead holder>` may take over from it, and only one can. If that one dies
 * half-way, its own file is the holder to be taken over from: the last of the chain counts.
 */
async function replaceHolder(ports: LockPorts, path: string, me: LockRecord): Promise<void> {
  const { disk } = ports;
  const first = await readLock(ports, path);
  if (first === undefined) {
    // The lock was given up since we looked.
    if (await createFile(disk, path, encodeLock(me), me.token)) return;
    throw await inUse(ports, path);
  }
  const chain: string[] = [];
  for (let holder: Holder | undefined = first; holder !== undefined;) {
    if (await isAlive(ports, holder)) throw inUseBy(ports, path, holder);
    if (chain.length === MAX_CHAIN) throw await inUse(ports, path);
    const claim: string = `${path}.${holder.token}`;
    chain.push(claim);
    if (await createFile(disk, claim, encodeLock(me), me.token)) break;
    holder = await readLock(ports, claim);
    // Whoever made it has finished meanwhile, and removed it.
    if (holder === undefined) throw await inUse(ports, path);
  }
  const [last] = chain.slice(-1);
  const now = await readLock(ports, path);
  if (now?.token !== first.token || (await isAlive(ports, now))) {
    // Another process took over before our claim was made: it replaced the lock first and then removed its claim. Or the holder
    // only slept, and resumed first.
    if (last !== undefined) await disk.remove(last);
    throw await inUse(ports, path);
  }
  await disk.replaceFile(path, encodeLock(me));
  for (const claim of chain) await disk.remove(claim);
}

async function isAlive(ports: LockPorts, { process, token, lease }: Holder): Promise<boolean> {
  const self = await ports.processFacts.self();
  // Containers share the boot id but not process numbers; they differ in their host names.
  if (process?.bootId === self.bootId && process.host === self.host) {
    if (process.pid === self.pid && process.startTime === self.startTime) return held.has(token);
    return (await ports.processFacts.startTimeOf(process.pid)) === process.startTime;
  }
  return lease > ports.clock.wall();
}

class HeldLock implements Lock {
  lease: Millis;
  readonly #ports: LockPorts;
  readonly #path: string;
  readonly #me: LockRecord;
  readonly #listener: LockListener | undefined;
  readonly #timer: Timer;
  #work: Promise<unknown> = Promise.resolve();
  #held = true;

  constructor(ports: LockPorts, path: string, me: LockRecord, listener: LockListener | undefined) {
    this.#ports = ports;
    this.#path = path;
    this.#me = me;
    this.#listener = listener;
    this.lease = millis(me.lease);
    this.#timer = ports.clock.every(RENEWAL, () => {
      // A failure now and then does not end the lock, as the lease is three times as long.
      this.renew().catch(() => undefined);
    });
  }

  sure(): Promise<boolean> {
    return this.#held && !this.#isOver ? Promise.resolve(true) : this.renew();
  }

  renew(): Promise<boolean> {
    return this.#inTurn(async () => {
      const lease = millis(this.#ports.clock.wall() + LEASE);
      const record = encodeLock({ ...this.#me, lease });
      if (!(await this.#change(() => this.#ports.disk.replaceFile(this.#path, record)))) return false;
      this.lease = lease;
      this.#listener?.renewed?.();
      return true;
    });
  }

  release(): Promise<void> {
    this.#timer.cancel();
    return this.#inTurn(async () => {
      try {
        await this.#change(() => this.#ports.disk.remove(this.#path));
      } finally {
        this.#letGo();
      }
    });
  }

  /** Whether others may take it over, as the lease was not renewed in time. */
  get #isOver(): boolean {
    return this.#ports.clock.wall() >= this.lease;
  }

  /** Changes the file if it is still ours; resolves to whether it is. */
  async #change(task: () => Promise<void>): Promise<boolean> {
    if (!this.#held) return false;
    const { disk, random } = this.#ports;
    if (!this.#isOver) return (await this.#isOurs()) && task().then(() => true);
    // The claim of one who takes over from us: with it nobody else can do so meanwhile.
    const claim = `${this.#path}.${this.#me.token}`;
    const token = toHex(random.bytes(12));
    const record = encodeLock({ ...this.#me, token, lease: this.#ports.clock.wall() + LEASE });
    if (!(await createFile(disk, claim, record, token))) return this.#lose();
    try {
      return (await this.#isOurs()) && (await task().then(() => true));
    } finally {
      await disk.remove(claim);
    }
  }

  async #isOurs(): Promise<boolean> {
    const data = await this.#ports.disk.readFile(this.#path, MAX_BYTES);
    if (data !== undefined && decodeLock(data, this.#path)?.token === this.#me.token) return true;
    return this.#lose();
  }

  #lose(): false {
    this.#letGo();
    this.#timer.cancel();
    this.#listener?.lost();
    return false;
  }

  #letGo(): void {
    this.#held = false;
    held.delete(this.#me.token);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#work.then(task);
    this.#work = result.catch(() => undefined);
    return result;
  }
}

/** Whether there is a lock file of ours, held or not. */
export async function isLock(disk: Disk, path: string): Promise<boolean> {
  const data = await disk.readFile(path, MAX_BYTES).catch(() => undefined);
  return data !== undefined && decodeLock(data, path) !== undefined;
}

/** Who has a lock file; undefined where there is none. A file that cannot be understood counts as held until it is old. */
async function readLock(ports: LockPorts, path: string): Promise<Holder | undefined> {
  const data = await ports.disk.readFile(path, MAX_BYTES);
  if (data === undefined) return undefined;
  const record = decodeLock(data, path);
  if (record !== undefined) return { token: record.token, lease: record.lease, process: record };
  const modified = (await ports.disk.info(path))?.modified ?? 0;
  return { token: `damaged-${crc32(data).toString(16)}`, lease: modified + LEASE, process: undefined };
}

function encodeLock(record: LockRecord): Uint8Array {
  return encodeJson({ version: VERSION, ...record });
}

function decodeLock(data: Uint8Array, path: string): LockRecord | undefined {
  const fields = parseJsonObject(data);
  if (fields === undefined) return undefined;
  refuseNewer(fields, VERSION, 'lock', path);
  const pid = integerField(fields, 'pid', 0, Number.MAX_SAFE_INTEGER);
  const startTime = stringField(fields, 'startTime', 64);
  const bootId = stringField(fields, 'bootId', 64);
  const host = stringField(fields, 'host', 256);
  const token = stringField(fields, 'token', 64);
  const lease = fields['lease'];
  if (pid === undefined || startTime === undefined || bootId === undefined || host === undefined) return undefined;
  // The token becomes part of a file's name.
  if (token === undefined || !/^[0-9a-f]+$/.test(token) || typeof lease !== 'number') return undefined;
  return { pid, startTime, bootId, host, token, lease };
}

async function inUse(ports: LockPorts, path: string): Promise<EnsembleError> {
  const holder = await readLock(ports, path);
  return holder === undefined
    ? new EnsembleError('in-use', `Another process is taking "${path}" just now. Try again.`)
    : inUseBy(ports, path, holder);
}

function inUseBy({ clock }: LockPorts, path: string, { process, lease }: Holder): EnsembleError {
  const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')));
  if (process !== undefined) {
    const { pid, host } = process;
    const text = `"${folder}" is in use by process ${pid} on ${host}. Stop it first, or choose another folder.`;
    return new EnsembleError('in-use', text);
  }
  const seconds = Math.max(1, Math.ceil((lease - clock.wall()) / 1000));
  return new EnsembleError(
    'in-use',
    `"${folder}" is being taken by a process that has not said yet which one it is, or died at that: then it is free in ${seconds} s. ` +
      'Try again then, or choose another folder.',
  );
}
