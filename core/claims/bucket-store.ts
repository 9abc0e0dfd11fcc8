import { sameBytes, toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { type IdentityIndex, type Millis, millis, type PieceIndex } from '../base/ids.ts';
import type { Ports } from '../ports/ports.ts';
import { type ClaimLog, encodeBatch, MAX_BATCH, type ClaimTurns } from './claim-log.ts';
import type { ClaimStore, MemberRecord, PieceNews, StoreView, Wish } from './claim-store.ts';
import type { GroupRules } from './group-rules.ts';
import { HaveBoard, OwnHaves } from './have-board.ts';
import { encodeMember } from './sibling-files.ts';
import { SessionKeeper } from './session-keeper.ts';
import {
  claimKey,
  decodeSeated,
  haveKey,
  memberKey,
  SECRET_LENGTH,
  type SessionOptions,
  type StoreSession,
} from './store-session.ts';

/** After a server lost claims their holders tell them again, for this long before anybody claims anew. */
const SETTLE = millis(5000);
/** How often it is looked whether an identity that is registered elsewhere still lives. */
const SEAT_LOOK = millis(1000);

export interface BucketStoreOptions extends Pick<SessionOptions, 'server' | 'group' | 'pieceCount' | 'rules'> {
  readonly identity: IdentityIndex;
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  /** Identifies the folder of this identity: a process that has it follows the one that had it before. */
  readonly seat: string;
  /** The server is away, or back: a sentence for people. */
  onTrouble(text: string, isOver: boolean): void;
}

/**
 * A claim store on a server of buckets, such as NATS JetStream, which machines without a common disk share. Claims are messages that all
 * read in the same order (`ClaimLog`): one carries many, and none has to be asked back. What each has is told in chunks (`HaveBoard`), and
 * registrations are forgotten where nobody renews them. While the server is away every call waits.
 */
export class BucketStore implements ClaimStore {
  readonly name: string;
  readonly #o: BucketStoreOptions;
  readonly #run: string;
  readonly #board: HaveBoard;
  readonly #haves: OwnHaves;
  readonly #sessions: SessionKeeper;
  /** What this identity was granted and has neither verified nor given back, to be claimed again where a server lost it. */
  readonly #held = new Map<PieceIndex, number>();
  /** What was claimed in the session before the next one. */
  #before: ClaimLog | undefined;
  #settled: Millis;
  /** Of our registration; 0: it is not there. */
  #registered = 0;
  #joined = false;
  #replaced: ((error: EnsembleError) => void) | undefined;
  #heard: (() => void) | undefined;

  constructor(options: BucketStoreOptions) {
    const { ports, server, pieceCount } = options;
    this.#o = options;
    this.name = `claim store ${server.name}`;
    this.#run = toHex(ports.random.bytes(12));
    this.#board = new HaveBoard(pieceCount);
    this.#haves = new OwnHaves(pieceCount);
    this.#settled = ports.clock.now();
    this.#sessions = new SessionKeeper({
      ...options,
      clock: ports.clock,
      run: this.#run,
      secret: ports.random.bytes(SECRET_LENGTH),
      board: this.#board,
      store: this.name,
      joined: (opened) => this.#resume(opened),
      heard: () => this.#heard?.(),
    });
  }

  /** What all identities here agree on. Rejects with EnsembleError('usage') where that is not what we were told. */
  async agree(): Promise<GroupRules> {
    return (await this.#sessions.ready()).rules;
  }

  /** What only those know who may use the store, as it was last; undefined: not known, or none that is valid. */
  get secret(): Uint8Array | undefined {
    return this.#sessions.latest?.secret;
  }

  /** Why the server cannot be used now, for people; undefined: it can. */
  get trouble(): string | undefined {
    return this.#sessions.trouble;
  }

  /** Which siblings say to have a piece: bit i for identity i. */
  holders(piece: PieceIndex): number {
    return this.#board.holders(piece);
  }

  /** Who has claimed a piece, as far as is known now. */
  claimedBy(piece: PieceIndex): IdentityIndex | undefined {
    const last = this.#sessions.latest?.log.last(piece);
    return last === undefined || last.free ? undefined : last.holder;
  }

  /** From now on no call waits for a server that is away. */
  hurry(): void {
    this.#sessions.hurry();
  }

  listen(heard: () => void): void {
    this.#heard = heard;
  }

  async join(replaced: (error: EnsembleError) => void, own: readonly PieceIndex[]): Promise<void> {
    await this.#awaitSeat();
    this.#replaced = replaced;
    this.#haves.add(own);
    this.#joined = true;
    await this.#sessions.do((session) => this.#resume(session));
  }

  async beat(own: MemberRecord): Promise<void> {
    const { identity, seat } = this.#o;
    const key = memberKey(identity);
    const value = encodeMember(own, { seat, run: this.#run });
    await this.#sessions.do(async ({ registrations }) => {
      // Another process that is this identity may write as well: only one of the two finds what it wrote before.
      while (this.#replaced !== undefined) {
        const revision = await registrations.update(key, value, this.#registered);
        if (revision !== undefined) {
          this.#registered = revision;
          return;
        }
        const there = await registrations.get(key);
        const seated = there && decodeSeated(there.value, identity);
        if (seated !== undefined && seated.run !== this.#run) return this.#giveWay();
        this.#registered = there?.revision ?? 0;
      }
    });
  }

  async claim(wishes: readonly Wish[], answer: (wish: Wish, turn: number | undefined) => void): Promise<void> {
    const { identity } = this.#o;
    for (let i = 0; i < wishes.length; i += MAX_BATCH) {
      const some = wishes.slice(i, i + MAX_BATCH).map((wish) => ({ wish, turn: turnOf(wish) }));
      await this.#settle();
      await this.#say({ claimed: some.map(({ wish, turn }) => [wish.piece, turn] as const), freed: [] });
      for (const { wish, turn } of some) {
        const last = this.#sessions.latest?.log.last(wish.piece);
        const granted = last?.turn === turn && last.holder === identity && !last.free;
        if (granted) this.#held.set(wish.piece, turn);
        answer(wish, granted ? turn : undefined);
      }
    }
  }

  async release(turns: ReadonlyMap<PieceIndex, number>): Promise<void> {
    const all = [...turns];
    for (const [piece, turn] of all) if (this.#held.get(piece) === turn) this.#held.delete(piece);
    for (let i = 0; i < all.length; i += MAX_BATCH) {
      await this.#say({ claimed: [], freed: all.slice(i, i + MAX_BATCH) });
    }
  }

  async holder(piece: PieceIndex, turn: number): Promise<IdentityIndex | undefined> {
    const last = (await this.#sessions.ready()).log.last(piece);
    return last !== undefined && last.turn <= turn ? last.holder : undefined;
  }

  async watch(): Promise<StoreView> {
    // Without an answer nothing is known: a sibling that seems silent may only be out of reach.
    const session = await this.#sessions.do(async (it) => {
      await it.check();
      return it;
    });
    const members = Array.from(session.members, ([, { record }]) => record).sort((a, b) => a.index - b.index);
    const lost = this.#lost(session);
    const { since } = session;
    if (lost.length === 0) return { members, claims: session.log.claims, since };
    return { members, claims: new Map([...session.log.claims, ...lost]), since };
  }

  async journal(): Promise<readonly PieceNews[]> {
    await this.#sessions.ready();
    return this.#board.takeNews();
  }

  async record(pieces: readonly PieceIndex[]): Promise<void> {
    for (const piece of pieces) this.#held.delete(piece);
    const chunks = this.#haves.add(pieces);
    await this.#sessions.do((session) => this.#tell(session, chunks));
  }

  async leave(): Promise<void> {
    this.#sessions.hurry();
    const { identity } = this.#o;
    const key = memberKey(identity);
    const mine = async ({ registrations }: StoreSession): Promise<void> => {
      const there = await registrations.get(key);
      if (there !== undefined && decodeSeated(there.value, identity)?.run === this.#run)
        await registrations.remove(key);
    };
    if (this.#replaced !== undefined) await this.#sessions.do(mine).catch(() => undefined);
    this.#sessions.close();
  }

  /** Resolves when nobody else is this identity: at once where it was in our folder, else when it was silent for a lease. */
  async #awaitSeat(): Promise<void> {
    const { identity, seat, ports, server } = this.#o;
    const { clock } = ports;
    let seen: { readonly run: string; readonly heartbeat: number; readonly at: Millis } | undefined;
    for (;;) {
      const session = await this.#sessions.ready();
      const there = await this.#sessions.do(async ({ registrations }) => registrations.get(memberKey(identity)));
      this.#registered = there?.revision ?? 0;
      const seated = there && decodeSeated(there.value, identity);
      if (seated === undefined || seated.seat === seat) return;
      const { heartbeat } = seated.record;
      seen ??= { run: seated.run, heartbeat, at: clock.now() };
      if (seen.run !== seated.run || seen.heartbeat !== heartbeat) {
        const text = `Identity ${identity} runs already at ${server.name}, on another machine or in another folder.`;
        throw new EnsembleError('in-use', `${text} Choose another --index.`);
      }
      if (clock.now() - seen.at >= session.rules.lease) return;
      await this.#sessions.pause(SEAT_LOOK);
    }
  }

  #giveWay(): void {
    const replaced = this.#replaced;
    this.#replaced = undefined;
    const { identity, server } = this.#o;
    const text = `Another process runs identity ${identity} at ${server.name} now: this one stops.`;
    replaced?.(new EnsembleError('in-use', text));
  }

  /** A session begins: what a server lost of ours is told again. */
  async #resume(session: StoreSession): Promise<void> {
    if (!this.#joined) return;
    const { identity, ports } = this.#o;
    if (this.#before !== undefined && lacks(session.log, this.#before)) {
      this.#settled = millis(ports.clock.now() + SETTLE);
    }
    this.#before = session.log;
    const missing = [...this.#held].filter(([piece, turn]) => (session.log.last(piece)?.turn ?? -1) < turn);
    const differ = this.#haves.chunks.flatMap((chunk, i) => {
      const told = session.told.get(i);
      return told !== undefined && sameBytes(chunk, told) ? [] : [i];
    });
    await this.#tell(session, differ);
    for (let i = 0; i < missing.length; i += MAX_BATCH) {
      const batch = encodeBatch({ identity, claimed: missing.slice(i, i + MAX_BATCH), freed: [] });
      await session.write(claimKey(identity, this.#nonce()), batch, true);
    }
  }

  async #tell(session: StoreSession, chunks: Iterable<number>): Promise<void> {
    for (const chunk of chunks) {
      const data = this.#haves.chunks[chunk];
      if (data !== undefined) await session.write(haveKey(this.#o.identity, chunk), data, false);
    }
  }

  /** Says something to all siblings, once: where the answer got lost, the next session shows whether it arrived. */
  async #say(what: { readonly claimed: ClaimTurns; readonly freed: ClaimTurns }): Promise<void> {
    const { identity } = this.#o;
    const key = claimKey(identity, this.#nonce());
    await this.#sessions.do(async (session) => {
      if (!session.read.has(key)) await session.write(key, encodeBatch({ identity, ...what }), true);
    });
  }

  /** Claims of ours that somebody else has now, who claimed in the same turn when a server had lost ours. */
  #lost(session: StoreSession): [PieceIndex, { turn: number; free: boolean }][] {
    const out: [PieceIndex, { turn: number; free: boolean }][] = [];
    for (const [piece, turn] of this.#held) {
      const last = session.log.last(piece);
      if (last === undefined || last.turn < turn || last.holder === this.#o.identity) continue;
      this.#held.delete(piece);
      if (last.turn === turn) out.push([piece, { turn: turn + 1, free: last.free }]);
    }
    return out;
  }

  async #settle(): Promise<void> {
    await this.#sessions.ready();
    const rest = this.#settled - this.#o.ports.clock.now();
    if (rest > 0) await this.#sessions.pause(millis(rest));
  }

  #nonce(): string {
    return toHex(this.#o.ports.random.bytes(12));
  }
}

function turnOf({ after }: Wish): number {
  return after === undefined ? 0 : after.turn + 1;
}

/** Whether a claim is gone that was there before. */
function lacks(now: ClaimLog, before: ClaimLog): boolean {
  for (const [piece, { turn }] of before.claims) if ((now.last(piece)?.turn ?? -1) < turn) return true;
  return false;
}
