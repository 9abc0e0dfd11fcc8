import { describe, expect, it } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { sameBytes } from '../../base/bytes.ts';
import { times } from '../../sim/acceptance.ts';
import { SeededRandom } from '../../sim/random.ts';
import { ends, fetched, FILES, make, type Made } from '../testing/three-files.ts';

const NEW = '/new/place';
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

/** A download that is moved on a machine that dies at a disk operation. */
class Killed {
  readonly made: Made = make();
  readonly chance: SeededRandom;
  readonly #finished: boolean;
  readonly #layout: LayoutKind;
  operations = 0;
  #dieAt = Number.POSITIVE_INFINITY;
  #dead = false;

  constructor(seed: number, elsewhere: boolean, layout: LayoutKind, finished: boolean) {
    this.chance = new SeededRandom(seed);
    this.#layout = layout;
    this.#finished = finished;
    if (elsewhere) this.made.world.disk.mounts.push('/new');
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

  /** Moves, or goes on, and dies at the `n`-th operation; whether it died. */
  async run(n: number, begin: boolean): Promise<boolean> {
    const { world, key } = this.made;
    this.operations = 0;
    this.#dieAt = n;
    let over = false;
    const end = (): void => void (over = true);
    if (begin) world.coordinator.move(key, NEW).then(end, end);
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

  /** Everything is whole in the one place, and there is nothing in the other. */
  expectWhole(when: string): void {
    const { world, key, contents } = this.made;
    expect(world.state(key), when).toBe('seeding');
    const output = world.coordinator.download(key)?.options.output ?? '';
    for (const [i, { path }] of FILES.entries()) {
      const there = world.disk.content(`${output}/payload/${path.join('/')}`) ?? new Uint8Array();
      expect(sameBytes(there, contents[i] ?? new Uint8Array()), `${path.join('/')} in ${output} ${when}`).toBe(true);
    }
    const names = (folder: string): string[] => world.disk.paths().filter((path) => path.startsWith(`${folder}/`));
    const other = output === NEW ? '/out' : NEW;
    expect(
      names(other).filter((path) => path !== `${other}/`),
      when,
    ).toEqual([]);
    expect(
      names(output).filter((path) => path.includes('/.')),
      when,
    ).toEqual([]);
    if (this.#finished) expect(fetched(this.made), when).toEqual([]);
  }

  async #start(): Promise<void> {
    const { world } = this.made;
    world.coordinator = world.build('/state');
    await world.coordinator.start();
  }
}

describe.each([
  ['finished files', true],
  ['a download of which some is there', false],
] as const)('%s', (_, finished) => {
  describe.each(finished ? LAYOUTS.slice(0, 1) : LAYOUTS)('layout %s', (layout) => {
    it.each([
      ['process', false],
      ['process', true],
      ['power', false],
      ['power', true],
    ] as const)('everything dies (%s) at any disk operation of a move; other disk: %s', async (how, elsewhere) => {
      const base = LAYOUTS.indexOf(layout) * 1000 + (elsewhere ? 500 : 0);
      const alone = new Killed(base, elsewhere, layout, finished);
      await alone.prepare();
      expect(await alone.run(Number.POSITIVE_INFINITY, true)).toBe(false);
      alone.expectWhole('undisturbed');
      const most = alone.operations;
      const moments = Math.min(most, times(8, 60));
      for (let i = 0; i < moments; i++) {
        const n = 1 + Math.floor(((i + 0.5) * most) / moments);
        const world = new Killed(base + i, elsewhere, layout, finished);
        await world.prepare();
        let died = await world.run(n, true);
        for (let life = 0; died && life < 4; life++) {
          await world.rise(how);
          const again = life < 2 && world.chance.uniform() < 0.5;
          died = await world.run(again ? 1 + Math.floor(world.chance.uniform() * most) : Infinity, false);
        }
        world.expectWhole(`after a death at ${n} of ${most}`);
      }
    });
  });
});
