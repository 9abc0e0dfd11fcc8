import { EnsembleError } from '../base/errors.ts';
import { type IdentityIndex, type Millis, millis, type PieceIndex } from '../base/ids.ts';
import type { ClaimStore, MemberRecord, PieceNews, StoreView, Wish } from '../claims/claim-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** What a claim store on some server holds. */
export class StoreServer {
  readonly claims = new Map<PieceIndex, { turn: number; holder: IdentityIndex; free: boolean }>();
  readonly members = new Map<IdentityIndex, MemberRecord>();
  readonly news: PieceNews[] = [];
  /** When each identity was last heard of. */
  readonly heard = new Map<IdentityIndex, Millis>();
}

export interface MemoryStoreOptions {
  readonly server: StoreServer;
  readonly identity: IdentityIndex;
  readonly clock: Clock;
  readonly random: Random;
  /** Latency one way. */
  readonly latency: Millis;
  /** How many of a hundred answers are lost; the request is carried out all the same. */
  readonly lost: number;
}

/** After this long without an answer it is asked again. */
const ANSWER_WITHIN = millis(2000);
/** For this long after an identity was last heard of, no other process may be it. */
const SEAT_FOR = millis(45_000);

/** A claim store on a distant server, for tests: answers take a while, and may be lost. */
export class MemoryStore implements ClaimStore {
  readonly name = 'store';
  readonly #o: MemoryStoreOptions;
  #told = 0;

  constructor(options: MemoryStoreOptions) {
    this.#o = options;
  }

  async join(): Promise<void> {
    const { server, identity, clock } = this.#o;
    const before = server.heard.get(identity);
    if (before !== undefined && clock.now() - before < SEAT_FOR) {
      throw new EnsembleError('in-use', `Identity ${identity} runs already.`);
    }
    await this.#ask(() => server.heard.set(identity, clock.now()));
  }

  async beat(own: MemberRecord): Promise<void> {
    const { server, identity, clock } = this.#o;
    await this.#ask(() => {
      server.heard.set(identity, clock.now());
      server.members.set(identity, own);
    });
  }

  async claim(wishes: readonly Wish[], answer: (wish: Wish, turn: number | undefined) => void): Promise<void> {
    const turns = await this.#ask(() => wishes.map((wish) => this.#grant(wish)));
    wishes.forEach((wish, i) => answer(wish, turns[i]));
  }

  async release(turns: ReadonlyMap<PieceIndex, number>): Promise<void> {
    await this.#ask(() => {
      for (const [piece, turn] of turns) {
        const claim = this.#o.server.claims.get(piece);
        if (claim?.turn === turn) claim.free = true;
      }
    });
  }

  holder(piece: PieceIndex, turn: number): Promise<IdentityIndex | undefined> {
    return this.#ask(() => {
      const claim = this.#o.server.claims.get(piece);
      return claim?.turn === turn ? claim.holder : undefined;
    });
  }

  watch(): Promise<StoreView> {
    const { members, claims } = this.#o.server;
    return this.#ask(() => ({
      members: [...members.values()].sort((a, b) => a.index - b.index),
      claims: new Map([...claims].map(([piece, { turn, free }]) => [piece, { turn, free }])),
    }));
  }

  async journal(): Promise<readonly PieceNews[]> {
    const { news, end } = await this.#ask(() => {
      const all = this.#o.server.news;
      return { news: all.slice(this.#told), end: all.length };
    });
    this.#told = end;
    return news.filter(({ identity }) => identity !== this.#o.identity);
  }

  async record(pieces: readonly PieceIndex[]): Promise<void> {
    const { server, identity } = this.#o;
    await this.#ask(() => server.news.push(...pieces.map((piece) => ({ piece, identity, present: true }))));
  }

  async leave(): Promise<void> {
    const { server, identity } = this.#o;
    await this.#ask(() => {
      server.members.delete(identity);
      server.heard.delete(identity);
    });
  }

  #grant({ piece, after }: Wish): number | undefined {
    const { server, identity } = this.#o;
    const turn = after === undefined ? 0 : after.turn + 1;
    const there = server.claims.get(piece);
    if ((there?.turn ?? -1) < turn) {
      server.claims.set(piece, { turn, holder: identity, free: false });
      return turn;
    }
    // It is our own claim, whose answer was lost.
    return there?.turn === turn && there.holder === identity ? turn : undefined;
  }

  /** Repeats a request until there is an answer. */
  async #ask<T>(task: () => T): Promise<T> {
    const { latency, lost, random } = this.#o;
    for (;;) {
      await this.#wait(latency);
      const answer = task();
      await this.#wait(latency);
      if (random.uniform() * 100 >= lost) return answer;
      await this.#wait(ANSWER_WITHIN);
    }
  }

  #wait(span: Millis): Promise<void> {
    return new Promise((resolve) => this.#o.clock.after(span, resolve));
  }
}
