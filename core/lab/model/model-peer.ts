import type { Rng } from '../../base/ids.ts';
import { BLOCK_LENGTH } from '../../metainfo/geometry.ts';
import { chooseOptimistic, chooseRegular, OPTIMISTIC_INTERVAL, type SeedChoking, UNCHOKE_INTERVAL } from './choking.ts';
import { End, type Program } from './end.ts';
import type { EventQueue } from './event-queue.ts';
import { type Cut, PieceTable, PRESENT } from './piece-table.ts';
import { Places } from './places.ts';
import { Uplink } from './uplink.ts';

export type PeerEnd = End<ModelPeer>;

/** What all peers of a swarm share. Times in seconds. */
export interface Surroundings {
  readonly queue: EventQueue;
  readonly now: () => number;
  readonly rng: Rng;
  /** Of a place that this address leaves ({@link Places}). */
  readonly isLost: (address: string) => boolean;
  readonly cut: Cut;
  readonly pieceLength: number;
  /** A program was told something since this was last set to false. */
  touched: boolean;
}

export interface ModelPeerOptions {
  readonly address: string;
  /** Bytes a second; 0: without limit. */
  readonly up: number;
  readonly down: number;
  readonly slots: number;
  readonly choking: SeedChoking;
  /** It has everything from the start. */
  readonly seed: boolean;
  /** It has everything now. */
  readonly completed: () => void;
}

/** An ordinary peer: a model of libtorrent, block by block. It touches programs through `Program` alone, and says when it did. */
export class ModelPeer {
  readonly address: string;
  readonly table: PieceTable;
  readonly ends: PeerEnd[] = [];
  /** Payload. */
  down = 0;
  up = 0;
  /** Of these: from and to programs. */
  fromPrograms = 0;
  toPrograms = 0;
  /** What went to programs, by their address. */
  readonly sentTo = new Map<string, number>();
  readonly #o: ModelPeerOptions;
  readonly #s: Surroundings;
  readonly #uplink: Uplink<PeerEnd>;
  /** Ends whose other side sends us something, or would. */
  readonly #open: PeerEnd[] = [];
  readonly #places: Places;
  #unchoked = 0;
  #downFree = 0;
  #gone = false;
  #hurries = false;

  constructor(surroundings: Surroundings, options: ModelPeerOptions) {
    this.#s = surroundings;
    this.#o = options;
    this.address = options.address;
    const { cut, rng, queue, now } = surroundings;
    this.table = new PieceTable(cut, rng, options.seed);
    this.#places = new Places(rng, surroundings.isLost);
    this.#uplink = new Uplink({
      queue,
      now,
      rate: options.up,
      sizeOf: cut.sizeOf,
      left: (end, id) => this.#left(end, id),
    });
    this.#every(UNCHOKE_INTERVAL, () => this.#unchoke());
    this.#every(OPTIMISTIC_INTERVAL, () => {
      this.#unchokeOptimistically();
      for (const { program } of this.ends) program?.keepAlive();
      this.#s.touched = true;
    });
  }

  /** Two models meet. */
  meet(other: ModelPeer): void {
    const now = this.#s.now();
    const near = new End<ModelPeer>(this, now);
    const far = new End<ModelPeer>(other, now);
    near.far = far;
    far.far = near;
    this.#join(near);
    other.#join(far);
    if (near.wanted) this.#wanted(near);
    if (far.wanted) other.#wanted(far);
  }

  /** A program has connected; it has nothing yet, as far as is known. */
  greet(program: Program): PeerEnd {
    const end = new End<ModelPeer>(this, this.#s.now(), program);
    this.#join(end);
    return end;
  }

  /** Leaves the swarm. */
  leave(): void {
    this.#gone = true;
    for (const end of this.ends.slice()) this.drop(end);
  }

  /** A connection ends, at both ends. */
  drop(end: PeerEnd): void {
    if (end.closed) return;
    this.#part(end);
    end.program?.close();
    if (end.far !== undefined) end.far.owner.#part(end.far);
  }

  // What a program says.

  programWants(end: PeerEnd, yes: boolean): void {
    end.programWants = yes;
    if (yes) this.#wanted(end);
    else this.#unwanted(end);
  }

  programHas(end: PeerEnd, piece: number): void {
    const { states } = end;
    if (piece >= states.length || states[piece] === PRESENT) return;
    states[piece] = PRESENT;
    end.programPieces++;
    this.table.counts[piece] = (this.table.counts[piece] ?? 0) + 1;
    if (this.table.states[piece] === PRESENT) return;
    if (end.interest++ === 0) end.program?.interested(true);
    if (!end.choked && end.asked.length === 0) this.#refill(end);
  }

  programChokes(end: PeerEnd, yes: boolean): void {
    if (end.choked === yes) return;
    if (yes) this.#nowChoked(end);
    else this.#nowUnchoked(end);
  }

  programAsks(end: PeerEnd, block: number): void {
    if (end.choking || this.table.states[Math.floor(block / this.#s.cut.blocks)] !== PRESENT) return;
    end.theirs.push(block);
    this.#uplink.offer(end);
  }

  programSent(end: PeerEnd, block: number): void {
    const place = end.asked.indexOf(block);
    if (place >= 0) end.asked.splice(place, 1);
    this.fromPrograms += this.#s.cut.sizeOf(block);
    this.#received(end, block);
  }

  /** A program takes more. */
  drained(): void {
    this.#uplink.pump();
  }

  #every(seconds: number, task: () => void): void {
    const { queue, now } = this.#s;
    const tick = (): void => {
      if (this.#gone) return;
      task();
      queue.add(now() + seconds, tick);
    };
    queue.add(now() + seconds, tick);
  }

  #join(end: PeerEnd): void {
    this.ends.push(end);
    end.place = this.#places.take(this.#s.now());
    if (end.far === undefined) return;
    const { states } = end;
    const { states: own, counts } = this.table;
    for (let piece = 0; piece < states.length; piece++) {
      if (states[piece] !== PRESENT) continue;
      counts[piece] = (counts[piece] ?? 0) + 1;
      if (own[piece] !== PRESENT) end.interest++;
    }
  }

  #part(end: PeerEnd): void {
    end.closed = true;
    this.ends.splice(this.ends.indexOf(end), 1);
    this.#places.leave(end.far?.owner.address ?? end.program?.host ?? '', end.place);
    if (!end.choking) this.#unchoked--;
    this.#nowChoked(end);
    const { states } = end;
    for (let piece = 0; piece < states.length; piece++) {
      if (states[piece] === PRESENT) this.table.counts[piece] = (this.table.counts[piece] ?? 0) - 1;
    }
    this.#hurry();
  }

  // What goes out.

  #choke(end: PeerEnd): void {
    if (end.choking) return;
    end.choking = true;
    end.optimistic = false;
    this.#unchoked--;
    end.theirs.length = 0;
    if (end.far !== undefined) end.far.owner.#nowChoked(end.far);
    else this.#tell(end).choke();
  }

  #release(end: PeerEnd): void {
    if (!end.choking) return;
    end.choking = false;
    end.unchokedAt = this.#s.now();
    end.sentSince = 0;
    this.#unchoked++;
    if (end.far !== undefined) end.far.owner.#nowUnchoked(end.far);
    else this.#tell(end).unchoke();
  }

  #tell(end: PeerEnd): Program {
    this.#s.touched = true;
    return end.program as Program;
  }

  /** Somebody wants something: whoever finds a slot free gets it at once. */
  #wanted(end: PeerEnd): void {
    if (end.choking && this.#unchoked < this.#o.slots) this.#release(end);
  }

  #unwanted(end: PeerEnd): void {
    if (end.choking) return;
    this.#choke(end);
    this.#hurry();
  }

  /** A slot is free: it is given within a second. */
  #hurry(): void {
    if (this.#hurries || this.#gone) return;
    this.#hurries = true;
    const { queue, now } = this.#s;
    queue.add(now() + 1, () => {
      this.#hurries = false;
      if (!this.#gone) this.#unchoke();
    });
  }

  #unchoke(): void {
    const candidates = this.#candidates();
    const torrent = { now: this.#s.now(), pieceLength: this.#s.pieceLength, pieceCount: this.#s.cut.pieces };
    const chosen = chooseRegular(candidates, this.#o.slots, this.#o.choking, torrent);
    let promoted = false;
    for (const end of this.ends) {
      if (!end.choking && !end.optimistic && !chosen.has(end)) this.#choke(end);
      else if (!end.choking && !end.wanted) this.#choke(end);
    }
    for (const end of chosen) {
      promoted ||= end.optimistic;
      end.optimistic = false;
      this.#release(end);
    }
    for (const end of this.ends) end.sentRound = end.gotRound = 0;
    if (promoted || this.#unchoked < Math.min(this.#o.slots, candidates.length)) this.#unchokeOptimistically();
  }

  #unchokeOptimistically(): void {
    if (this.#o.slots === 0) return;
    const chosen = chooseOptimistic(this.#candidates(), this.#o.slots);
    for (const end of this.ends) if (end.optimistic && !chosen.has(end)) this.#choke(end);
    for (const end of chosen) {
      if (end.optimistic) continue;
      this.#release(end);
      end.optimistic = true;
      end.optimisticAt = this.#s.now();
    }
  }

  #candidates(): PeerEnd[] {
    return this.ends.filter((end) => end.wanted);
  }

  /** A block has left on the line. */
  #left(end: PeerEnd, block: number): void {
    const size = this.#s.cut.sizeOf(block);
    const { far } = end;
    end.underWay--;
    if (end.closed) return far?.owner.table.abandon(block);
    end.sent += size;
    end.sentSince += size;
    end.sentRound += size;
    this.up += size;
    if (far === undefined) {
      const program = this.#tell(end);
      this.toPrograms += size;
      this.sentTo.set(program.host, (this.sentTo.get(program.host) ?? 0) + size);
      return program.send(block);
    }
    const { owner } = far;
    const rate = owner.#o.down;
    if (rate === 0) return owner.#received(far, block);
    const { queue, now } = this.#s;
    end.underWay++;
    owner.#downFree = Math.max(owner.#downFree, now()) + size / rate;
    queue.add(owner.#downFree, () => {
      end.underWay--;
      if (far.closed) owner.table.abandon(block);
      else owner.#received(far, block);
      this.#uplink.pump();
    });
  }

  // What comes in.

  #received(end: PeerEnd, block: number): void {
    const { cut, now } = this.#s;
    const size = cut.sizeOf(block);
    this.down += size;
    end.measure(now(), size);
    const { fresh, doubled, complete } = this.table.receive(block);
    if (fresh && doubled) this.#cancel(block);
    if (complete) this.#got(Math.floor(block / cut.blocks));
    if (!end.closed) this.#refill(end);
  }

  #cancel(block: number): void {
    for (const end of this.#open) {
      const place = end.asked.indexOf(block);
      if (place < 0) continue;
      end.asked.splice(place, 1);
      if (end.far === undefined) this.#tell(end).cancel(block);
    }
  }

  #got(piece: number): void {
    for (const end of this.ends) {
      const { far } = end;
      if (far === undefined) {
        this.#tell(end).have(piece);
        if (end.states[piece] === PRESENT && --end.interest === 0) this.#tell(end).interested(false);
        continue;
      }
      const other = far.owner;
      other.table.counts[piece] = (other.table.counts[piece] ?? 0) + 1;
      if (other.table.states[piece] === PRESENT) {
        if (--end.interest === 0) other.#unwanted(far);
        continue;
      }
      if (far.interest++ === 0) this.#wanted(end);
      else if (!far.choked && far.asked.length === 0) other.#refill(far);
    }
    if (this.table.complete) this.#o.completed();
  }

  #nowChoked(end: PeerEnd): void {
    if (end.choked) return;
    end.choked = true;
    this.#open.splice(this.#open.indexOf(end), 1);
    end.current = undefined;
    if (end.asked.length === 0) return;
    for (const block of end.asked) this.table.abandon(block);
    end.asked.length = 0;
    // Others may go on with it.
    for (const other of this.#open) if (other.asked.length === 0) this.#refill(other);
  }

  #nowUnchoked(end: PeerEnd): void {
    end.choked = false;
    this.#open.push(end);
    this.#refill(end);
  }

  /** Asks for as much as is to be under way. */
  #refill(end: PeerEnd): void {
    if (end.choked || end.interest === 0 || this.table.complete) return;
    const depth = end.depth(this.#s.now(), BLOCK_LENGTH);
    const before = end.asked.length;
    const { states } = end;
    while (end.asked.length < depth) {
      const taken = this.table.take(states, end.current);
      if (taken === undefined) break;
      end.current = taken.at;
      this.#ask(end, taken.block);
    }
    if (end.asked.length === 0) {
      const block = this.table.double(states);
      if (block >= 0) this.#ask(end, block);
    }
    if (end.far !== undefined && end.asked.length > before) end.far.owner.#uplink.offer(end.far);
  }

  #ask(end: PeerEnd, block: number): void {
    end.asked.push(block);
    if (end.far === undefined) this.#tell(end).request(block);
  }
}
