import { Bitfield } from '../base/bitfield.ts';
import type { IdentityIndex, PieceIndex, Rng } from '../base/ids.ts';
import type { Exchange } from '../claims/claim-store.ts';
import { nextPieces } from './next-pieces.ts';
import { type LineOptions, SiblingLine } from './sibling-line.ts';

/** Bytes of one request: enough that the line is never idle for long, few enough that what fails costs little. */
const MOST_REQUESTED = 8 * 1024 * 1024;
/** Machines that are asked at a time. */
const MOST_BUSY = 4;

export interface CollectorOptions extends Omit<LineOptions, 'events'> {
  readonly uniform: Rng;
  /** Which siblings have a piece: bit i for identity i. */
  holders(piece: PieceIndex): number;
  /** It is here now. */
  kept(piece: PieceIndex): void;
  came(bytes: number): void;
  /** The exchange cannot go on. */
  broke(error: unknown): void;
  /** What people call a sibling. */
  named(index: IdentityIndex): string;
  /** For people. */
  warn(text: string): void;
}

/** A machine of the group that lives, and where it gives out its pieces. */
export type Machine = Pick<Exchange, 'hosts' | 'port'> & { readonly index: IdentityIndex };

/** Fetches the pieces that other machines of the group have verified, from them, each once. */
export class Collector {
  readonly #o: CollectorOptions;
  readonly #wanted: Bitfield;
  readonly #underWay = new Set<PieceIndex>();
  readonly #lines = new Map<IdentityIndex, SiblingLine>();
  readonly #said = new Map<IdentityIndex, string>();
  #alive: readonly Machine[] = [];

  constructor(options: CollectorOptions) {
    this.#o = options;
    this.#wanted = new Bitfield(options.geometry.pieceCount);
  }

  /** Pieces that are to be fetched and are not here yet. */
  get wanted(): number {
    return this.#wanted.count;
  }

  /** Machines from which nothing right comes: bit i for identity i. */
  get useless(): number {
    let mask = 0;
    for (const [index, line] of this.#lines) if (line.useless) mask |= 1 << index;
    return mask;
  }

  want(piece: PieceIndex): void {
    this.#wanted.add(piece);
  }

  unwant(piece: PieceIndex): void {
    this.#wanted.delete(piece);
  }

  /** Machines that live now. */
  setMachines(machines: readonly Machine[]): void {
    this.#alive = machines;
    for (const { index, hosts, port } of machines) this.#line(index).setPlace(hosts, port);
    for (const [index, line] of this.#lines) if (!machines.some((one) => one.index === index)) line.stop();
  }

  /** Asks whoever may be asked. To be called now and then, as machines that failed are tried again. */
  fill(): void {
    if (this.#wanted.isEmpty) return;
    const { geometry, holders, uniform } = this.#o;
    const { pieceCount } = geometry;
    let busy = [...this.#lines.values()].filter((line) => line.busy).length;
    for (const { index } of this.#alive) {
      const line = this.#line(index);
      if (busy >= MOST_BUSY) return;
      if (!line.ready) continue;
      const pieces = nextPieces({
        pieceCount,
        from: index,
        wants: (piece) => this.#wanted.has(piece) && !this.#underWay.has(piece),
        holders,
        sizeOf: (piece) => geometry.pieceSize(piece),
        most: MOST_REQUESTED,
        uniform,
      });
      if (pieces.length === 0) continue;
      for (const piece of pieces) this.#underWay.add(piece);
      busy++;
      line.ask(pieces);
    }
  }

  stop(): void {
    this.#alive = [];
    this.#wanted.clear();
    for (const line of this.#lines.values()) line.stop();
  }

  #line(index: IdentityIndex): SiblingLine {
    let line = this.#lines.get(index);
    if (line !== undefined) return line;
    const { kept, came, broke } = this.#o;
    line = new SiblingLine({
      ...this.#o,
      events: {
        came,
        settled: (piece, isKept) => {
          this.#underWay.delete(piece);
          if (!isKept) return;
          this.#wanted.delete(piece);
          this.#said.delete(index);
          kept(piece);
        },
        failed: (why) => this.#say(index, why),
        broke,
        idle: () => this.fill(),
      },
    });
    this.#lines.set(index, line);
    return line;
  }

  #say(index: IdentityIndex, why: string): void {
    if (this.#said.get(index) === why) return;
    this.#said.set(index, why);
    this.#o.warn(`Pieces of ${this.#o.named(index)} cannot be fetched from its machine (${why}): trying again.`);
  }
}
