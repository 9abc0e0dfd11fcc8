import { MAX_IDENTITIES } from '../base/bounds.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { type IdentityIndex, identityIndex, type Millis, millis } from '../base/ids.ts';
import {
  type Bucket,
  type BucketConnection,
  type BucketEntry,
  BucketError,
  type BucketServer,
} from '../ports/buckets.ts';
import type { Clock } from '../ports/clock.ts';
import { encodeJson, parseJsonObject, stringField } from '../store/records/checked-json.ts';
import { ClaimLog, decodeBatch } from './claim-log.ts';
import type { MemberRecord } from './claim-store.ts';
import { type AskedRules, agreeOnRules, encodeRules, type GroupRules } from './group-rules.ts';
import type { HaveBoard } from './have-board.ts';
import { decodeMember } from './sibling-files.ts';

/** What was written has to be told to its writer within this time. */
const TOLD_WITHIN = millis(10_000);
/** Room for claims: what it takes at least, and for each piece, many times what a download without trouble needs. */
const ROOM = { least: 16 * 1024 * 1024, piece: 128 };
const MEMBERS_ROOM = 4 * 1024 * 1024;
const MANIFEST = 'manifest';
const SECRET = 'secret';
/** Bytes of what only those who may use the store know. */
export const SECRET_LENGTH = 32;
const NUMBER = '(0|[1-9][0-9]?)';
const HAVE = new RegExp(`^have\\.${NUMBER}\\.${NUMBER}$`);
const CLAIM = new RegExp(`^claim\\.${NUMBER}\\.[0-9a-f]{24}$`);
const MEMBER = new RegExp(`^member\\.${NUMBER}$`);

export const haveKey = (identity: IdentityIndex, chunk: number): string => `have.${identity}.${chunk}`;
export const claimKey = (identity: IdentityIndex, nonce: string): string => `claim.${identity}.${nonce}`;
export const memberKey = (identity: IdentityIndex): string => `member.${identity}`;

/** A registration, and by whom: `seat` is new with each folder of an identity, `run` with each process. */
export interface SeatedMember {
  readonly record: MemberRecord;
  readonly seat: string;
  readonly run: string;
}

export interface SessionOptions {
  readonly clock: Clock;
  readonly server: BucketServer;
  /** Begins the names of its buckets. */
  readonly group: string;
  readonly pieceCount: number;
  /** Undefined: it looks on. */
  readonly identity: IdentityIndex | undefined;
  /** Identifies this process. */
  readonly run: string;
  readonly rules: AskedRules;
  /** The group's secret where it has none yet. */
  readonly secret: Uint8Array;
  readonly board: HaveBoard;
  /** A sibling said what it has or how it stands. */
  heard?(): void;
}

/** One connection to a store, and what it holds: all of it is read anew with each, as the server may have lost some or all of it. */
export class StoreSession {
  readonly log: ClaimLog;
  /** Valid registrations, also such as are forgotten there by now: heartbeats tell who lives. */
  readonly members = new Map<IdentityIndex, SeatedMember>();
  /** What this identity told of its pieces, by chunk. */
  readonly told = new Map<number, Uint8Array>();
  /** Rejects when the connection is over. */
  readonly broken: Promise<never>;
  /** The keys of all messages with claims of this identity. */
  readonly read = new Set<string>();
  /** When it was opened. */
  readonly since: Millis;
  /** Identities that ever said anything here. */
  readonly heardOf = new Set<IdentityIndex>();
  readonly #o: SessionOptions;
  readonly #connection: BucketConnection;
  readonly #waiting = new Map<string, () => void>();
  #rules: GroupRules | undefined;
  #secret: Uint8Array | undefined;
  #claims: Bucket | undefined;
  #members: Bucket | undefined;
  #break: (error: BucketError) => void = () => {};
  #over = false;

  /** Resolves once all that is there was read. Rejects with BucketError, or with EnsembleError where others use the place otherwise. */
  static async open(options: SessionOptions): Promise<StoreSession> {
    const session = new StoreSession(options, await options.server.connect());
    try {
      await Promise.race([session.#read(), session.broken]);
    } catch (error) {
      session.end();
      throw error;
    }
    return session;
  }

  private constructor(options: SessionOptions, connection: BucketConnection) {
    this.#o = options;
    this.#connection = connection;
    this.log = new ClaimLog();
    this.since = options.clock.now();
    this.broken = new Promise((_, reject) => (this.#break = reject));
    this.broken.catch(() => {});
    void connection.ended.then(() => this.end(new BucketError('away', 'the connection is over')));
  }

  get over(): boolean {
    return this.#over;
  }

  /** What all identities here agree on. */
  get rules(): GroupRules {
    return opened(this.#rules);
  }

  /** What only those know who may use the store; undefined: what lies there is none. */
  get secret(): Uint8Array | undefined {
    return this.#secret;
  }

  /** Where claims and what was verified lie. */
  get claims(): Bucket {
    return opened(this.#claims);
  }

  /** Where registrations lie, which are forgotten after a while. */
  get registrations(): Bucket {
    return opened(this.#members);
  }

  /** Resolves once the server has answered. */
  async check(): Promise<void> {
    await this.#within(this.#connection.check());
  }

  /** Writes a claim or what is there, and resolves once it was told, with all that came before it. Harmless twice. */
  async write(key: string, value: Uint8Array, once: boolean): Promise<void> {
    await this.#written(key, () => (once ? this.claims.update(key, value, 0) : this.claims.put(key, value)));
  }

  end(error = new BucketError('away', 'it was given up')): void {
    if (this.#over) return;
    this.#over = true;
    this.#break(error);
    this.#connection.close();
  }

  async #read(): Promise<void> {
    const { group, rules, pieceCount, run } = this.#o;
    const maxBytes = ROOM.least + ROOM.piece * pieceCount;
    this.#claims = await this.#connection.open(group, { maxBytes }, (entry) => this.#heard(entry));
    await this.#claims.update(MANIFEST, encodeRules(rules), 0);
    const manifest = await this.#claims.get(MANIFEST);
    if (manifest === undefined) throw new BucketError('away', 'it lost what was written');
    this.#rules = agreeOnRules(manifest.value, rules, this.#o.server.name);
    await this.#claims.update(SECRET, encodeSecret(this.#o.secret), 0);
    this.#secret = decodeSecret((await this.#claims.get(SECRET))?.value);
    const ttl = millis(Math.ceil((this.rules.lease * 2) / 3));
    const members = { maxBytes: MEMBERS_ROOM, ttl };
    this.#members = await this.#connection.open(`${group}-members`, members, (entry) => this.#heard(entry));
    // What one writes oneself comes after all that was there.
    const mark = (bucket: Bucket, key: string): Promise<void> =>
      this.#written(key, () => bucket.put(key, new Uint8Array(1)));
    await Promise.all([mark(this.#claims, `read.${run}`), mark(this.#members, `met.${run}`)]);
  }

  async #written(key: string, write: () => Promise<unknown>): Promise<void> {
    const told = new Promise<void>((resolve) => this.#waiting.set(key, resolve));
    try {
      await write();
      await this.#within(told);
    } finally {
      this.#waiting.delete(key);
    }
  }

  #heard({ key, value }: BucketEntry): void {
    const { identity, pieceCount, board } = this.#o;
    const member = numbered(MEMBER, key);
    const claimer = numbered(CLAIM, key);
    const haver = numbered(HAVE, key);
    const from = member ?? claimer ?? haver;
    if (from !== undefined) this.heardOf.add(from);
    if (claimer !== undefined) {
      const batch = decodeBatch(value, pieceCount);
      if (batch?.identity === claimer) this.log.read(batch);
      if (claimer === identity) this.read.add(key);
    } else if (haver !== undefined) {
      const chunk = Number(HAVE.exec(key)?.[2]);
      if (haver === identity) this.told.set(chunk, value);
      else board.read(haver, chunk, value);
    } else if (member !== undefined) {
      const seated = decodeSeated(value, member);
      if (seated === undefined) this.members.delete(member);
      else this.members.set(member, seated);
    }
    this.#waiting.get(key)?.();
    if (claimer === undefined && from !== undefined && from !== identity) this.#o.heard?.();
  }

  /** Ends this connection where something takes too long. */
  #within<T>(task: Promise<T>): Promise<T> {
    const timer = this.#o.clock.after(TOLD_WITHIN, () => this.end(new BucketError('away', 'it does not answer')));
    return Promise.race([task, this.broken]).finally(() => timer.cancel());
  }
}

function opened<T>(part: T | undefined): T {
  if (part === undefined) throw new BucketError('away', 'it is not open yet');
  return part;
}

function encodeSecret(secret: Uint8Array): Uint8Array {
  return encodeJson({ version: 1, secret: toHex(secret) });
}

/** Undefined for what is none, as somebody else may have written it. */
function decodeSecret(data: Uint8Array | undefined): Uint8Array | undefined {
  const fields = data === undefined || data.length > 4096 ? undefined : parseJsonObject(data);
  const secret = fromHex((fields && stringField(fields, 'secret', 2 * SECRET_LENGTH)) ?? '');
  return secret?.length === SECRET_LENGTH ? secret : undefined;
}

function numbered(form: RegExp, key: string): IdentityIndex | undefined {
  const number = Number(form.exec(key)?.[1] ?? MAX_IDENTITIES);
  return number < MAX_IDENTITIES ? identityIndex(number) : undefined;
}

export function decodeSeated(data: Uint8Array, index: IdentityIndex): SeatedMember | undefined {
  let record: MemberRecord | undefined;
  try {
    record = decodeMember(data, memberKey(index), index);
  } catch {
    // Of a newer version: what it says else is understood.
  }
  const fields = record && parseJsonObject(data);
  const seat = fields && stringField(fields, 'seat', 64);
  const run = fields && stringField(fields, 'run', 64);
  return record === undefined || seat === undefined || run === undefined ? undefined : { record, seat, run };
}
