import { describe, expect, it } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import type { LayoutKind } from '../base/choices.ts';
import { sameBytes } from '../base/bytes.ts';
import type { DownloadSnapshot } from '../engine/engine.ts';
import { figure, times } from '../sim/acceptance.ts';
import type { SimMachine } from '../sim/machine.ts';
import { SeededRandom } from '../sim/random.ts';
import { SimSwarm } from '../sim/swarm.ts';

const PIECE = 32 * 1024;
const FILES = [
  { path: ['a.bin'], length: 5 * PIECE + 777 },
  { path: ['deep', 'empty.txt'], length: 0 },
  { path: ['deep', 'b.bin'], length: 6 * PIECE + 1 },
  { path: ['c.bin'], length: 300 },
];
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];
const ADDRESSES = ['10.9.0.1', '10.9.0.2'];

/** A download on a machine that dies at disk operations named beforehand. */
class World {
  readonly swarm: SimSwarm;
  readonly ours: SimMachine;
  readonly chance: SeededRandom;
  readonly #layout: LayoutKind;
  readonly #selection: 'rarest' | 'fixed';
  operations = 0;
  #dieAt = Number.POSITIVE_INFINITY;
  #dead = false;

  constructor(seed: number, layout: LayoutKind) {
    this.#layout = layout;
    this.#selection = seed % 3 === 2 ? 'fixed' : 'rarest';
    this.chance = new SeededRandom(seed);
    this.swarm = new SimSwarm(seed, { files: FILES, pieceLength: PIECE });
    for (const address of ['10.0.0.1', '10.0.0.2']) this.swarm.seed(address, { up: 8 * PIECE, down: 8 * PIECE });
    this.ours = this.swarm.machine({ addresses: ADDRESSES, down: 16 * PIECE, up: 16 * PIECE });
    this.ours.disk.delay = () => {
      if (this.#dead) throw new Error('nobody is there any more');
      if (++this.operations >= this.#dieAt) {
        this.#dead = true;
        this.ours.killCoordinator(true);
        throw new Error('nobody is there any more');
      }
      return 0;
    };
  }

  /** Runs until it is done, or dies at the `n`-th disk operation from now; its last word. */
  async run(n = Number.POSITIVE_INFINITY): Promise<DownloadSnapshot | 'died'> {
    const { clock, torrent } = this.swarm;
    this.operations = 0;
    this.#dieAt = n;
    const options = { identities: 2, bind: ADDRESSES, layout: this.#layout, selection: this.#selection };
    // What a dead process began stays open for ever: its end is heard of by the flag.
    let added = false;
    this.ours.add(torrent, options).then(
      () => (added = true),
      () => {},
    );
    await clock.runUntil(() => added || this.#dead, 60_000);
    const over = (): boolean => {
      if (this.#dead) return true;
      const { state } = this.ours.snapshot(torrent);
      return state === 'done' || state === 'failed';
    };
    await clock.runUntil(over, 300_000);
    return this.#dead ? 'died' : this.ours.snapshot(torrent);
  }

  /** The machine comes back. */
  async rise(how: 'process' | 'power'): Promise<void> {
    // Connections and trackers notice that we are gone.
    await this.swarm.clock.advance(100);
    this.ours.disk.crash(how === 'process' ? 'process' : this.chance.uniform() < 0.5 ? 'power' : this.chance.uniform);
    this.#dead = false;
    this.ours.restart();
  }

  /** What the coordinator knew to be there. */
  get bytesTold(): number {
    return this.ours.coordinator.download(torrentKey(this.swarm.torrent.info.infoHash))?.bytes.have ?? 0;
  }

  /** Files that bear their final names hold the right bytes and nothing else (invariant 4). */
  expectNoWrongByte(): void {
    for (const { path, offset, length } of this.swarm.torrent.info.files) {
      const there = this.ours.disk.content(`/out/${path.join('/')}`);
      if (there === undefined) continue;
      expect(sameBytes(there, this.swarm.payload.subarray(offset, offset + length)), path.join('/')).toBe(true);
    }
  }
}

describe.each(LAYOUTS)('layout %s', (layout) => {
  it.for(['process', 'power'] as const)(
    'everything dies (%s) at any disk operation, once or more often',
    async (how, test) => {
      let deaths = 0;
      const base = 100 * LAYOUTS.indexOf(layout) + (how === 'power' ? 50 : 0);
      const alone = new World(base, layout);
      expect(await alone.run()).toMatchObject({ state: 'done' });
      const most = alone.operations;
      const moments = Math.min(most, times(34, most));
      for (let i = 0; i < moments; i++) {
        const n = 1 + Math.floor(((i + 0.5) * most) / moments);
        const world = new World(base + (i % 7), layout);
        let outcome = await world.run(n);
        for (let life = 0; outcome === 'died'; life++) {
          deaths++;
          const told = world.bytesTold;
          await world.rise(how);
          world.expectNoWrongByte();
          const dieAgain = life < 2 && world.chance.uniform() < 0.4;
          outcome = await world.run(dieAgain ? 1 + Math.floor(world.chance.uniform() * most) : undefined);
          if (outcome === 'died' || how === 'power') continue;
          // After the end of the processes alone, nothing that was told is fetched again.
          const fetched = outcome.downloaded - outcome.wasted;
          expect(fetched, `moment ${n} of ${most}`).toBeLessThanOrEqual(world.swarm.torrent.info.length - told);
        }
        expect(outcome, `moment ${n} of ${most}: ${outcome.error?.message}`).toMatchObject({
          state: 'done',
          hashFailures: 0,
          duplicatePieces: 0,
        });
        world.expectNoWrongByte();
        expect(sameBytes(world.ours.payload(world.swarm.torrent) ?? new Uint8Array(), world.swarm.payload)).toBe(true);
        expect(world.ours.disk.paths().filter((path) => /\.ensemble|\.assembling/.test(path))).toEqual([]);
      }
      figure(
        test,
        `${layout}, ${how === 'power' ? 'power cut' : 'SIGKILL of all'}: ${deaths} deaths at ${moments} moments of ${most}, no wrong byte`,
      );
    },
  );
});
