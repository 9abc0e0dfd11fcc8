import { describe, expect, test } from 'vitest';
import { type InfoHash, millis } from '../../base/ids.ts';
import { sameBytes } from '../../base/bytes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { fetched, make, type Made, PIECE, spoilt } from '../testing/three-files.ts';
import { options } from '../testing/world.ts';
import { Catalog, type CatalogEntry } from './catalog.ts';

const NAMES = ['readme', 'big', 'tail'];
const THEIRS = NAMES.map((name) => `/theirs/payload/${name}`);

/** A download in the catalog whose files another program left. */
class Taken {
  readonly made: Made = make();
  readonly #before = new Map<string, string>();

  /** `content`: of each file there; undefined: it is not there. */
  async begin(
    content: readonly (Uint8Array | undefined)[],
    output: string,
    kept: Partial<CatalogEntry> = {},
    changes: Partial<DownloadOptions> = {},
    paths: readonly string[] = THEIRS,
  ): Promise<void> {
    const { world, key, data } = this.made;
    for (const [i, one] of content.entries()) if (one !== undefined) world.disk.put(paths[i] ?? '', one);
    for (const path of this.#theirs()) this.#before.set(path, await this.#facts(path));
    await world.clock.advance(600_000);
    const infoHash = key as string as InfoHash;
    const entry = {
      infoHash,
      options: options({ output, seed: { kind: 'forever' }, ...changes }),
      paused: false,
      others: paths,
      downloaded: 0,
      uploaded: 0,
      ...kept,
    };
    const catalog = new Catalog(world.disk, '/state');
    await catalog.torrents.keep([{ infoHash, data }], () => {});
    await catalog.write([entry]);
    await this.start();
  }

  /** The same with a program that runs already. */
  async bring(content: readonly Uint8Array[], data: Uint8Array): Promise<void> {
    const { world } = this.made;
    for (const [i, one] of content.entries()) world.disk.put(THEIRS[i] ?? '', one);
    for (const path of this.#theirs()) this.#before.set(path, await this.#facts(path));
    await world.clock.advance(600_000);
    await this.start();
    const brought = { others: THEIRS, added: millis(5000), downloaded: 77, uploaded: 99 };
    const how = options({ output: '/theirs', seed: { kind: 'forever' } });
    await world.clock.resolve(world.coordinator.add({ kind: 'torrent', data }, how, brought));
  }

  async start(): Promise<void> {
    const { world } = this.made;
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
  }

  #theirs(): string[] {
    return this.made.world.disk.paths().filter((path) => path.startsWith('/theirs/'));
  }

  async #facts(path: string): Promise<string> {
    const { disk } = this.made.world;
    return JSON.stringify([await disk.info(path), [...(disk.content(path) ?? [])]]);
  }

  /** Nothing of theirs is another, and nothing is beside it. */
  async expectUnchanged(): Promise<void> {
    expect(this.#theirs()).toEqual([...this.#before.keys()]);
    for (const [path, facts] of this.#before) expect(await this.#facts(path)).toBe(facts);
  }

  async kept(): Promise<CatalogEntry | undefined> {
    return (await new Catalog(this.made.world.disk, '/state').read())[0];
  }
}

const whole = ({ made }: Taken): Uint8Array[] => [...made.contents];

describe('files that another program left', () => {
  test('whole ones are read and seeded where they are, with totals and dates as they were', async () => {
    const taken = new Taken();
    await taken.begin(whole(taken), '/theirs', { added: 5000 as never, downloaded: 77, uploaded: 99 });
    const { world, key } = taken.made;
    await world.until(key, 'seeding');
    await world.clock.advance(10_000);
    expect(fetched(taken.made)).toEqual([]);
    await taken.expectUnchanged();
    expect(world.coordinator.download(key)).toMatchObject({ added: 5000, downloaded: 77, uploaded: 99 });
    await world.clock.resolve(world.coordinator.close());
    await taken.expectUnchanged();
    expect(await taken.kept()).not.toHaveProperty('others');
  });

  test('taken over by a program that runs it is the same, and the next run finds it so', async () => {
    const taken = new Taken();
    const { world, key, data } = taken.made;
    await taken.bring(whole(taken), data);
    await world.until(key, 'seeding');
    expect(fetched(taken.made)).toEqual([]);
    await taken.expectUnchanged();
    const totals = { added: 5000, downloaded: 77, uploaded: 99 };
    expect(world.coordinator.download(key)).toMatchObject(totals);
    await world.clock.resolve(world.coordinator.close());
    expect(await taken.kept()).toMatchObject(totals);
  });

  test('where one of these is wrong nothing is replaced, and it says so', async () => {
    const taken = new Taken();
    const [readme, big, tail] = whole(taken);
    await taken.begin([readme, spoilt(big, PIECE), tail], '/theirs');
    const { world, key } = taken.made;
    await world.until(key, 'failed');
    expect(world.state(key)).toContain('/theirs');
    await taken.expectUnchanged();
  });

  test('of unfinished ones what is right is copied, the rest is fetched, and they stay as they are', async () => {
    const taken = new Taken();
    const [readme, big] = whole(taken);
    // Allocated, with a hole where pieces are missing; another name; and a file that is not there.
    const paths = ['/theirs/payload/renamed', '/theirs/payload/big.part', ''];
    await taken.begin([readme, spoilt(big, 2 * PIECE)], '/out', { downloaded: 500 }, {}, paths);
    const { world, key, contents } = taken.made;
    await world.until(key, 'seeding');
    // Piece 3 ends in a file that is not there.
    expect(fetched(taken.made)).toEqual([2, 3]);
    for (const [i, name] of NAMES.entries()) {
      expect(sameBytes(world.disk.content(`/out/payload/${name}`) ?? new Uint8Array(), contents[i]!)).toBe(true);
    }
    await taken.expectUnchanged();
  });

  test('paused, they are looked at when it is resumed, also in a later run', async () => {
    const taken = new Taken();
    await taken.begin(whole(taken), '/out', { paused: true, downloaded: 500 });
    const { world, key } = taken.made;
    await world.clock.advance(5000);
    expect(world.state(key)).toBe('paused');
    expect(world.disk.paths().filter((path) => path.startsWith('/out'))).toEqual([]);
    await world.clock.resolve(world.coordinator.close());
    await taken.start();
    expect(world.state(key)).toBe('paused');
    await world.clock.resolve(world.coordinator.resume(key));
    await world.until(key, 'seeding');
    expect(fetched(taken.made)).toEqual([]);
    await taken.expectUnchanged();
  });

  test.each([
    ['where they are to stay', '/theirs'],
    ['where copies are to be made', '/out'],
  ])(
    'are gone (%s): nothing is made or fetched until it is resumed, and then they are used if they are back',
    async (_, output) => {
      const taken = new Taken();
      await taken.begin([], output, { downloaded: 500 });
      const { world, key } = taken.made;
      await world.until(key, 'missing-files');
      expect(world.state(key)).toContain(THEIRS[0]);
      expect(world.disk.paths().filter((path) => !path.startsWith('/state'))).toEqual([]);
      for (const [i, content] of whole(taken).entries()) world.disk.put(THEIRS[i]!, content);
      await world.clock.resolve(world.coordinator.resume(key));
      await world.until(key, 'seeding');
      expect(fetched(taken.made)).toEqual([]);
    },
  );

  test('that are outside of the roots that the program was given are not read', async () => {
    const taken = new Taken();
    taken.made.world.roots = { folders: ['/out'], strict: true };
    await taken.begin(whole(taken), '/out');
    const { world, key } = taken.made;
    await world.until(key, 'missing-files');
    await world.clock.resolve(world.coordinator.resume(key));
    await world.until(key, 'seeding');
    expect(fetched(taken.made)).toEqual([0, 1, 2, 3]);
  });

  test('of files that are not wanted only the pieces that reach into others count', async () => {
    const taken = new Taken();
    await taken.begin(whole(taken), '/out', {}, { filePriorities: [0, 0, 4] });
    const { world, key } = taken.made;
    await world.until(key, 'seeding');
    expect(fetched(taken.made)).toEqual([]);
    expect(world.disk.content('/out/payload/big')).toBeUndefined();
    await taken.expectUnchanged();
  });
});
