import { join } from 'node:path';
import { expect } from 'vitest';
import { Ensemble } from './ensemble.ts';
import type { Lab } from './lab.ts';
import { seedAddress } from './scene.ts';
import { makePayload, type Payload } from './trees.ts';

interface OwnSeedOptions {
  readonly files: Payload;
  readonly pieceLength: string;
  /** Of the torrent; by default one that nobody answers at. */
  readonly trackers?: readonly string[];
  /** More arguments for the seed. */
  readonly args?: readonly string[];
}

interface OwnSeed {
  /** Path of the torrent. */
  readonly file: string;
  /** Where its payload lies. */
  readonly folder: string;
  readonly seed: Ensemble;
  /** Leads a download to the seed. */
  readonly peer: readonly string[];
}

/** Makes a torrent and seeds it, both by our own command. */
export async function startOwnSeed(lab: Lab, options: OwnSeedOptions): Promise<OwnSeed> {
  const { files, pieceLength, trackers = ['http://10.77.0.1:1/a'], args = [] } = options;
  const folder = await lab.makeFolder('payload');
  const name = await makePayload(folder, files);
  const file = lab.path('own.torrent');
  const named = trackers.flatMap((url) => ['--tracker', url]);
  const make = ['create', join(folder, name), '-o', file, '--piece-length', pieceLength, ...named];
  expect((await new Ensemble(lab, make).exit(60)).code).toBe(0);
  const seed = new Ensemble(lab, ['seed', file, folder, '--bind', seedAddress(), '--port', '6881', ...args]);
  await seed.child.until(() => seed.events.length > 0, 'the seed', 30);
  return { file, folder, seed, peer: ['--peer', `${seedAddress()}:6881`] };
}
