import type { Worker } from 'node:worker_threads';
import { FIELDS, LOOK_WORKER, LOOKED } from './look-worker.ts';
import { startThread } from './small-thread.ts';

/** Fewer looks at a time are done in the usual way: to wake the thread costs as much. */
const FEW = 4;
/** Looks that have to come together, none more than `SOON` ms after the other, before a thread is started for them. */
const MANY = 256;
const SOON = 1000;
/** A thread without work for this long is ended, in ms. */
const IDLE = 3000;
/** A thread that has not answered for this long, in ms, waits for some disk: others do not wait with it. */
const STUCK = 1000;

/** What `lstat` tells. */
export interface LookFacts {
  readonly mode: bigint;
  readonly size: bigint;
  readonly blocks: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** A name in a folder, in whose own path there may be no link; or, without a folder, any path. */
export interface LookPlace {
  readonly folder?: string;
  readonly name: string;
}

interface Look {
  readonly place: LookPlace;
  readonly real: boolean;
  readonly done: (looked: Looked) => void;
}

/** What the thread answered; neither: look in the usual way. */
interface Looked {
  readonly facts?: BigInt64Array | undefined;
  readonly found?: string | undefined;
}

interface Answer {
  readonly facts: BigInt64Array<ArrayBuffer>;
  readonly places: readonly (string | null)[];
}

/**
 * Looks at many paths at once: those that are asked for in one turn of the event loop go to a thread together, which makes its calls one
 * after the other. A call by promise takes a turn of a thread each, which costs more than the call. What is unclear is done
 * in the usual way, as is everything while there is little to look at.
 */
export class Looks {
  #asked: Look[] = [];
  #flushes = false;
  #worker: Worker | undefined;
  #runs = false;
  /** What the thread was given and has not answered. */
  #given: readonly Look[] | undefined;
  #givenAt = 0;
  #late: NodeJS.Timeout | undefined;
  #recent = 0;
  #burstAt = 0;
  #idle: NodeJS.Timeout | undefined;
  readonly #few: number;
  readonly #many: number;

  /** How many looks are few, and how many have to come before a thread is started. */
  constructor({ few = FEW, many = MANY }: { readonly few?: number; readonly many?: number } = {}) {
    this.#few = few;
    this.#many = many;
  }

  /** What is at a place; undefined: nothing. `usual` looks in the usual way. */
  async facts(place: LookPlace, usual: () => Promise<LookFacts | undefined>): Promise<LookFacts | undefined> {
    const { facts } = await this.#ask(place, false);
    const answer = facts?.[0] ?? LOOKED.usual;
    if (facts === undefined || answer === LOOKED.usual) return usual();
    if (answer === LOOKED.absent) return undefined;
    // By index: steps of an iterator are objects until V8 optimises it, which it does late here.
    return {
      mode: facts[1] ?? 0n,
      size: facts[2] ?? 0n,
      blocks: facts[3] ?? 0n,
      mtimeNs: facts[4] ?? 0n,
      ctimeNs: facts[5] ?? 0n,
      dev: BigInt.asUintN(64, facts[6] ?? 0n),
      ino: BigInt.asUintN(64, facts[7] ?? 0n),
    };
  }

  /** The path without links. */
  async realPath(path: string, usual: () => Promise<string | undefined>): Promise<string | undefined> {
    const { found } = await this.#ask({ name: path }, true);
    return found ?? usual();
  }

  #ask(place: LookPlace, real: boolean): Promise<Looked> {
    return new Promise((resolve) => {
      this.#asked.push({ place, real, done: resolve });
      this.#flushSoon();
    });
  }

  /** While the thread is at work what comes gathers, so that it is woken for many: waking it costs more than a look. */
  #flushSoon(): void {
    if (this.#flushes || this.#asked.length === 0) return;
    const left = this.#given === undefined ? 0 : this.#givenAt + STUCK - performance.now();
    if (left > 0) {
      if (this.#late === undefined) this.#late = setTimeout(() => this.#flushLate(), left + 1).unref();
      return;
    }
    this.#flushes = true;
    setImmediate(() => this.#flush());
  }

  #flushLate(): void {
    this.#late = undefined;
    this.#flushSoon();
  }

  #flush(): void {
    this.#flushes = false;
    const looks = this.#asked;
    this.#asked = [];
    if (looks.length < this.#few) return decline(looks);
    const now = performance.now();
    this.#recent = now - this.#burstAt > SOON ? looks.length : this.#recent + looks.length;
    this.#burstAt = now;
    if (this.#worker === undefined && this.#recent >= this.#many) this.#start();
    const worker = this.#worker;
    if (worker === undefined || !this.#runs) return decline(looks);
    if (this.#given !== undefined) return decline(looks);
    this.#givenAt = now;
    this.#given = looks;
    clearTimeout(this.#idle);
    worker.ref();
    worker.postMessage(looks.map(({ place, real }) => [place.folder ?? null, place.name, real]));
  }

  #start(): void {
    const worker = startThread(LOOK_WORKER, 'looking');
    if (worker === undefined) return;
    this.#worker = worker;
    worker.unref();
    worker.on('online', () => {
      this.#runs = true;
      this.#restSoon();
    });
    worker.on('message', (answer: Answer) => this.#heard(answer));
    worker.on('error', () => this.#lost(worker));
    worker.on('exit', () => this.#lost(worker));
  }

  #heard({ facts, places }: Answer): void {
    const looks = this.#given ?? [];
    this.#given = undefined;
    this.#restSoon();
    this.#flushSoon();
    looks.forEach(({ done }, i) =>
      done({ facts: facts.subarray(i * FIELDS, (i + 1) * FIELDS), found: places[i] ?? undefined }),
    );
  }

  #restSoon(): void {
    this.#worker?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      const worker = this.#worker;
      if (worker === undefined || this.#given !== undefined) return;
      this.#lost(worker);
      void worker.terminate();
    }, IDLE).unref();
  }

  #lost(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#runs = false;
    const looks = this.#given ?? [];
    this.#given = undefined;
    decline(looks);
    this.#flushSoon();
  }
}

function decline(looks: readonly Look[]): void {
  for (const { done } of looks) done({});
}
