import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beat } from './beat.ts';

/** How often it is looked whether there is memory to spare, in ms. */
const EVERY = 10_000;
/** A process that takes no more than this part of a core is at rest. */
const CALM = 0.03;
/** What its lasting objects have to have grown by since they were collected last, in bytes. */
const WORTH = 16 << 20;

/** What a process is like, as of one look. */
interface Look {
  /** CPU time so far, in ms. */
  readonly cpu: number;
  /** Bytes of objects that have lasted, those that nobody needs any more included. */
  readonly lasting: number;
}

/** Decides when to collect. Pure: `look` is called every `span` ms. */
export class SpareMemory {
  readonly #span: number;
  #cpu: number;
  #lasting: number;

  constructor({ cpu, lasting }: Look, span: number) {
    this.#span = span;
    this.#cpu = cpu;
    this.#lasting = lasting;
  }

  /** Whether it is worth it now: a good deal was made, and is over. Where it is, `collected` is called next. */
  look({ cpu, lasting }: Look): boolean {
    const busy = (cpu - this.#cpu) / this.#span;
    this.#cpu = cpu;
    return busy <= CALM && lasting >= this.#lasting + WORTH;
  }

  collected({ cpu, lasting }: Look): void {
    this.#cpu = cpu;
    this.#lasting = lasting;
  }
}

let watched = false;

/**
 * From now on this process gives memory back when it is at rest. By itself V8 collects when memory is asked for: after thousands of torrents
 * were added, or a large download, it would keep what that took for as long as nothing else happens.
 */
export function giveBackAtRest(): void {
  if (watched) return;
  watched = true;
  const spare = new SpareMemory(lookNow(), EVERY);
  const look = (): void => {
    if (!spare.look(lookNow())) return;
    collect();
    spare.collected(lookNow());
  };
  beat.every(EVERY, look, true);
}

/** Frees all that nobody needs. Takes the loop for some 30 ms, and a fifth of a second with hundreds of MiB. */
export function collect(): void {
  setFlagsFromString('--expose-gc');
  // A context of its own has the function, and the program's does not.
  (runInNewContext('gc') as () => void)();
}

function lookNow(): Look {
  const { user, system } = process.cpuUsage();
  const old = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space');
  return { cpu: (user + system) / 1000, lasting: old?.space_used_size ?? 0 };
}
