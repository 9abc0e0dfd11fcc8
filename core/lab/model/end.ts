import type { Candidate } from './choking.ts';
import type { BegunPiece, PieceTable } from './piece-table.ts';

/** A real program at the other end of a connection. */
export interface Program {
  readonly host: string;
  /** As `PieceTable.states`. */
  readonly states: Uint8Array;
  /** It does not take more for now. */
  readonly full: boolean;
  choke(): void;
  unchoke(): void;
  interested(yes: boolean): void;
  have(piece: number): void;
  request(block: number): void;
  cancel(block: number): void;
  send(block: number): void;
  keepAlive(): void;
  close(): void;
}

/** Seconds over which a rate is measured. */
const WINDOW = 4;
/** libtorrent asks for what comes in three seconds (`request_queue_time`), for two blocks at least, and 500 at most. */
const QUEUE_SECONDS = 3;
const LEAST_QUEUE = 2;
const MOST_QUEUE = 500;

/** One end of a connection: what its owner knows of who is at the other. */
export class End<O extends { readonly table: PieceTable }> implements Candidate {
  readonly owner: O;
  /** The other end, of another model; undefined: there is a program. */
  far: End<O> | undefined;
  readonly program: Program | undefined;
  closed = false;

  // What the owner sends.
  choking = true;
  optimistic = false;
  optimisticAt = -1;
  unchokedAt: number;
  sentRound = 0;
  sentSince = 0;
  sent = 0;
  /** Its place among the owner's connections. */
  place = 0;
  /** It is among those that the line serves in turn. */
  served = false;
  /** Blocks that have left and not arrived. */
  underWay = 0;
  /** Of a program: what it asked for, and whether it wants anything. */
  readonly theirs: number[] = [];
  programWants = false;
  /** How many pieces it has. */
  programPieces = 0;

  // What the owner gets.
  /** The other side chokes us. */
  choked = true;
  /** How many pieces the other side has and the owner lacks. */
  interest = 0;
  gotRound = 0;
  /** Blocks that were asked for and have not left yet. */
  readonly asked: number[] = [];
  /** The piece that the owner is at. */
  current: BegunPiece | undefined;
  #since = 0;
  #now = 0;
  #before = 0;

  /** `now`: when the connection is made. */
  constructor(owner: O, now: number, program?: Program) {
    this.owner = owner;
    this.unchokedAt = now;
    this.program = program;
  }

  /** The other side wants something of the owner. */
  get wanted(): boolean {
    return this.far === undefined ? this.programWants : this.far.interest > 0;
  }

  /** What the other side asked the owner for. */
  get requests(): number[] {
    return this.far === undefined ? this.theirs : this.far.asked;
  }

  /** What the other side has. */
  get states(): Uint8Array {
    return this.far === undefined ? (this.program?.states ?? NOTHING) : this.far.owner.table.states;
  }

  /** How many pieces it has. */
  get pieces(): number {
    return this.far === undefined ? this.programPieces : this.far.owner.table.present;
  }

  /** Bytes came at this time. */
  measure(now: number, bytes: number): void {
    this.gotRound += bytes;
    if (now - this.#since >= WINDOW) {
      this.#before = now - this.#since < 2 * WINDOW ? this.#now : 0;
      this.#now = 0;
      this.#since = now;
    }
    this.#now += bytes;
  }

  /** How many blocks to have asked for. */
  depth(now: number, blockLength: number): number {
    const passed = now - this.#since;
    const rate = (this.#before + this.#now) / (this.#before > 0 ? WINDOW + passed : Math.max(1, passed));
    return Math.min(MOST_QUEUE, Math.max(LEAST_QUEUE, Math.floor((QUEUE_SECONDS * rate) / blockLength)));
  }
}

const NOTHING = new Uint8Array();
