import { expect, test } from 'vitest';
import type { LayoutKind } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import { bytesPerSecond, identityIndex, torrentKey } from '../base/ids.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { figure, times } from '../sim/acceptance.ts';
import type { SimMachine } from '../sim/machine.ts';
import { SeededRandom } from '../sim/random.ts';
import { SimSwarm } from '../sim/swarm.ts';

const PIECE = 32 * 1024;
const FILES = [
  { path: ['a.bin'], length: 5 * PIECE + 777 },
  { path: ['deep', 'empty.txt'], length: 0 },
  { path: ['deep', 'b.bin'], length: 6 * PIECE + 1 },
];
const ADDRESSES = ['10.9.0.1', '10.9.0.2'];
const OUTPUT = '/out';
/** Where downloads are moved to and fro, two of them on other disks. */
const PLACES = [OUTPUT, '/out/below', '/other', '/third'];
/** Longer than any command may take: two leave-takings that nobody answers, and a check. */
const PATIENCE = 60_000;

/** Somebody who gives commands at random, without waiting for their answers. */
class Storm {
  readonly swarm: SimSwarm;
  readonly ours: SimMachine;
  readonly #chance: SeededRandom;
  /** What an earlier `remove` left in another one is refused. */
  readonly #layout: LayoutKind;
  /** Files may be left behind: `remove` without data, files that are not wanted any more. */
  readonly #leaves: boolean;
  /** What was asked and is not answered yet. */
  readonly open = new Map<number, string>();
  readonly wrong: string[] = [];
  #asked = 0;

  constructor(seed: number) {
    this.#chance = new SeededRandom(7000 + seed);
    this.#layout = (['in-place', 'parts', 'pieces'] as const)[seed % 3] ?? 'in-place';
    this.#leaves = seed % 2 === 1;
    this.swarm = new SimSwarm(seed, { files: FILES, pieceLength: PIECE });
    for (const address of ['10.0.0.1', '10.0.0.2']) this.swarm.seed(address, { up: 4 * PIECE, down: 4 * PIECE });
    this.ours = this.swarm.machine({ addresses: ADDRESSES, down: 16 * PIECE, up: 16 * PIECE });
    this.ours.disk.mounts.push('/other', '/third');
    this.ours.disk.put(`${OUTPUT}/of-the-user`, new Uint8Array(7));
    this.ours.disk.delay = () => this.#pick([0, 0, 1, 5, 40]);
  }

  async rage(commands: number): Promise<void> {
    for (let n = 0; n < commands; n++) {
      this.#next();
      const pause = this.#pick([0, 0, 1, 10, 100, 1000, this.#chance.uniform() * 5000]);
      await this.swarm.clock.advance(pause);
    }
  }

  /** All is answered in time, and what is there is removed; what then is left on disk. */
  async calm(): Promise<string[]> {
    await this.#answers();
    const key = torrentKey(this.swarm.torrent.info.infoHash);
    // Whatever an earlier `remove` has left, where it had been moved to, is found again, and goes this time.
    for (const output of this.#leaves ? [undefined, ...PLACES] : [undefined]) {
      if (this.ours.coordinator.download(key) === undefined)
        this.#ask('last add', this.#add({ reuse: true, ...(output !== undefined && { output }) }));
      await this.#answers();
      this.#ask('last remove', this.ours.coordinator.remove(key, { data: true }));
      await this.#answers();
    }
    const whole = ['/', ...PLACES.map((place) => `${place}/`), `${OUTPUT}/of-the-user`];
    const left = this.ours.disk.paths().filter((path) => !whole.includes(path));
    const { files } = this.swarm.torrent.info;
    const finals = PLACES.flatMap((place) => files.map(({ path }) => `${place}/${path.join('/')}`));
    return this.#leaves ? left.filter((path) => !finals.some((final) => final.startsWith(path))) : left;
  }

  async #answers(): Promise<void> {
    await this.swarm.clock.runUntil(() => this.open.size === 0, PATIENCE);
    expect([...this.open.values()], 'never answered').toEqual([]);
  }

  #next(): void {
    const { coordinator } = this.ours;
    const key = torrentKey(this.swarm.torrent.info.infoHash);
    const name = this.#pick(COMMANDS);
    switch (name) {
      case 'add':
        return this.#ask(name, this.#add());
      case 'add and remove':
        this.#ask(name, this.#add());
        return this.#ask(name, coordinator.remove(key, { data: true }));
      case 'remove':
        return this.#ask(name, coordinator.remove(key, { data: !this.#leaves || this.#chance.uniform() < 0.7 }));
      case 'pause':
      case 'resume':
      case 'recheck':
      case 'assemble':
        return this.#ask(name, coordinator[name](key));
      case 'move':
        return this.#ask(name, coordinator.move(key, this.#pick(PLACES)));
      case 'change':
        return this.#ask(name, coordinator.change(key, this.#changes()));
      default:
        try {
          if (name === 'cancel') coordinator.cancelAssembly(key);
          else if (name === 'cancel a move') coordinator.cancelMove(key);
          else if (name === 'announce') coordinator.announce(key);
          else coordinator.restartIdentity(key, identityIndex(this.#pick([0, 1])));
        } catch (error) {
          this.#judge(name, error);
        }
    }
  }

  #add(changes: { reuse?: boolean; output?: string } = {}): Promise<unknown> {
    const { torrent } = this.swarm;
    const data = wrapInfo(torrent.info, torrent.trackers);
    const link = `magnet:?xt=urn:btih:${torrent.info.infoHash}&tr=${encodeURIComponent(this.swarm.tracker.url)}`;
    const source =
      this.#chance.uniform() < 0.2 ? ({ kind: 'magnet', link } as const) : ({ kind: 'torrent', data } as const);
    const options = ordinaryOptions(OUTPUT, {
      identities: this.#pick([1, 2]),
      bind: ADDRESSES,
      layout: this.#layout,
      selection: this.#pick(['rarest', 'fixed']),
      seed: this.#pick([{ kind: 'never' }, { kind: 'forever' }]),
      assemble: this.#chance.uniform() < 0.7,
      paused: this.#chance.uniform() < 0.2,
      reuse: this.#leaves,
      ...changes,
    });
    return this.ours.coordinator.add(source, options);
  }

  #changes(): Parameters<SimMachine['coordinator']['change']>[1] {
    const some = FILES.map(() => this.#pick([0, 4, 4, 7]));
    return this.#pick([
      { down: bytesPerSecond(PIECE) },
      { down: bytesPerSecond(0) },
      { seed: { kind: 'forever' } },
      { seed: { kind: 'never' } },
      { assemble: true },
      this.#leaves ? { filePriorities: some } : { assemble: false },
    ] as const);
  }

  #ask(name: string, answer: Promise<unknown>): void {
    const n = this.#asked++;
    this.open.set(n, name);
    answer.catch((error: unknown) => this.#judge(name, error)).finally(() => this.open.delete(n));
  }

  /** Nobody else is at work here: what is refused is what cannot be, or what another command of ours came before. */
  #judge(name: string, error: unknown): void {
    const code = error instanceof EnsembleError ? error.code : 'fault';
    const fine = code === 'usage' || code === 'interrupted' || code === 'verification';
    if (fine || (code === 'in-use' && /being (?:downloaded here|moved|assembled)/.test(String(error)))) return;
    // An earlier `remove` may have left its files where this one goes.
    if (code === 'exists' && name === 'move' && this.#leaves) return;
    this.wrong.push(`${name}: ${String(error)}`);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#chance.uniform() * from.length)] as T;
  }
}

const COMMANDS = [
  'add',
  'add',
  'add and remove',
  'remove',
  'pause',
  'resume',
  'resume',
  'recheck',
  'assemble',
  'change',
  'change',
  'move',
  'move',
  'cancel a move',
  'cancel',
  'announce',
  'restart an identity',
] as const;

const seeds = Array.from({ length: times(4, 20) }, (_, i) => i + 1);

test.for(seeds)('a storm of commands leaves no lock, no file and no open answer: %i', async (seed, it) => {
  const storm = new Storm(seed);
  const commands = times(150, 1000);
  await storm.rage(commands);
  const left = await storm.calm();
  expect(storm.wrong).toEqual([]);
  const said = storm.ours.events.flatMap((event) =>
    event.type === 'log' && event.level === 'error' ? [event.message] : [],
  );
  expect(said).toEqual([]);
  expect(left).toEqual([]);
  await storm.swarm.clock.advance(20_000);
  expect(storm.ours.processes.started.filter((one) => one.running)).toEqual([]);
  expect(storm.ours.disk.openFiles).toBe(0);
  figure(it, 'commands of storms', commands);
});
