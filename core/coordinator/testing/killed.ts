import { expect } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { times } from '../../sim/acceptance.ts';
import { SeededRandom } from '../../sim/random.ts';
import { ends, make, type Made } from './three-files.ts';

/** A download with which something is done on a machine that dies at a disk operation. */
export class Killed {
  readonly made: Made = make();
  readonly chance: SeededRandom;
  readonly #act: (made: Made) => Promise<unknown>;
  readonly #finished: boolean;
  readonly #layout: LayoutKind;
  operations = 0;
  #dieAt = Number.POSITIVE_INFINITY;
  #dead = false;

  constructor(seed: number, act: (made: Made) => Promise<unknown>, layout: LayoutKind, finished: boolean) {
    this.chance = new SeededRandom(seed);
    this.#act = act;
    this.#layout = layout;
    this.#finished = finished;
  }

  async prepare(): Promise<void> {
    const { made } = this;
    const { world } = made;
    await this.#start();
    if (!this.#finished) world.script.pace.set(0, 1000);
    await world.add(made, { identities: 1, layout: this.#layout, seed: { kind: 'forever' } });
    await ends(made, this.#finished ? 'seeding' : 'downloading');
    if (!this.#finished) await world.clock.advance(2500);
    world.script.begun.length = 0;
    world.disk.delay = () => {
      if (this.#dead) throw new Error('nobody is there any more');
      if (++this.operations >= this.#dieAt) {
        this.#dead = true;
        world.crash();
        throw new Error('nobody is there any more');
      }
      return 0;
    };
  }

  /** Does it, or goes on, and dies at the `n`-th operation; whether it died. */
  async run(n: number, begin: boolean): Promise<boolean> {
    const { world, key } = this.made;
    this.operations = 0;
    this.#dieAt = n;
    let over = false;
    const end = (): void => void (over = true);
    if (begin) this.#act(this.made).then(end, end);
    else this.#start().then(end, end);
    const settled = (): boolean => over && world.coordinator.download(key)?.state === 'seeding';
    await world.clock.runUntil(() => this.#dead || settled(), 120_000);
    this.#dieAt = Number.POSITIVE_INFINITY;
    return this.#dead;
  }

  async rise(how: 'process' | 'power'): Promise<void> {
    const { world } = this.made;
    await world.clock.advance(100);
    world.disk.crash(how === 'process' ? 'process' : this.chance.uniform() < 0.5 ? 'power' : this.chance.uniform);
    this.#dead = false;
  }

  /** A lock that was being written when its process died says of whom it is only by its age: then the user resumes. */
  async outlastLock(): Promise<void> {
    const { world, key } = this.made;
    if (!/^failed: .* is being taken by a process/.test(String(world.state(key)))) return;
    await world.clock.advance(120_000);
    await world.clock.resolve(world.coordinator.resume(key));
    await world.clock.advance(60_000);
  }

  async #start(): Promise<void> {
    const { world } = this.made;
    world.coordinator = world.build('/state');
    await world.coordinator.start();
  }
}

/**
 * Does it again and again, each time with a death at another disk operation, and perhaps another one in the next life; then everything has to
 * be whole.
 */
export async function killAtMany(
  make: (seed: number) => Killed,
  how: 'process' | 'power',
  expectWhole: (one: Killed, when: string) => void,
): Promise<void> {
  const alone = make(0);
  await alone.prepare();
  expect(await alone.run(Number.POSITIVE_INFINITY, true)).toBe(false);
  expectWhole(alone, 'undisturbed');
  const most = alone.operations;
  const moments = Math.min(most, times(8, 60));
  for (let i = 0; i < moments; i++) {
    const n = 1 + Math.floor(((i + 0.5) * most) / moments);
    const world = make(i);
    await world.prepare();
    let died = await world.run(n, true);
    for (let life = 0; died && life < 4; life++) {
      await world.rise(how);
      const again = life < 2 && world.chance.uniform() < 0.5;
      died = await world.run(again ? 1 + Math.floor(world.chance.uniform() * most) : Infinity, false);
    }
    await world.outlastLock();
    expectWhole(world, `after a death at ${n} of ${most}`);
  }
}
