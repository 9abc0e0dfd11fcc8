import { type TorrentKey, torrentKey } from '../../base/ids.ts';
import { sameBytes } from '../../base/bytes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { wrapInfo } from '../../metainfo/wrap-info.ts';
import { simTorrent } from '../../sim/torrent.ts';
import { KIB, World } from './world.ts';

export const PIECE = 16 * KIB;
/** Piece 0 holds all of `readme` and a part of `big`, pieces 1 and 2 only parts of `big`, piece 3 the end of `big` and `tail`. */
export const FILES = [
  { path: ['readme'], length: 100 },
  { path: ['big'], length: 3 * PIECE },
  { path: ['tail'], length: 50 },
];
export const README = [4, 0, 0];
export const BIG = [0, 4, 0];
export const NAMES = FILES.map(({ path }) => path.join('/'));
export const TARGETS = NAMES.map((name) => `/out/payload/${name}`);
export const [README_PATH = '', BIG_PATH = '', TAIL_PATH = ''] = TARGETS;

export interface Made {
  readonly world: World;
  readonly data: Uint8Array;
  readonly key: TorrentKey;
  readonly contents: readonly Uint8Array[];
}

export function make(files: readonly { readonly path: string[]; readonly length: number }[] = FILES): Made {
  const world = new World();
  const { torrent, payload } = simTorrent(world.random, { files, pieceLength: PIECE });
  const { raw } = torrent.info;
  const key = torrentKey(torrent.info.infoHash);
  world.script.payloads.set(key, payload);
  world.script.infos.set(key, raw);
  const contents = torrent.info.files.map(({ offset, length }) => payload.slice(offset, offset + length));
  return { world, data: wrapInfo(torrent.info, torrent.trackers), key, contents };
}

export async function put({ world }: Made, path: string, content: Uint8Array | undefined): Promise<void> {
  await world.disk.makeDirectory('/out/payload');
  await world.disk.replaceFile(path, content ?? new Uint8Array());
}

/** Pieces that identities began, ascending. */
export function fetched({ world }: Made): number[] {
  return [...new Set(world.script.begun.map((one) => one.piece))].sort((a, b) => a - b);
}

/** The content with all bits of one byte flipped. */
export function spoilt(content: Uint8Array | undefined, at: number): Uint8Array {
  return Uint8Array.from(content ?? [], (byte, i) => (i === at ? byte ^ 1 : byte));
}

export async function ends(made: Made, state: string): Promise<void> {
  await made.world.until(made.key, state);
}

/** A program with a list of downloads. */
export async function start({ world }: Made): Promise<void> {
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
}

export async function stop({ world }: Made): Promise<void> {
  await world.clock.resolve(world.coordinator.close());
  await world.clock.advance(5000);
}

/** Begun in `/out` and in that state; `elsewhere`: `/new` is on another disk. */
export async function begin(elsewhere: boolean, options: Partial<DownloadOptions>, state: string): Promise<Made> {
  const made = make();
  if (elsewhere) made.world.disk.mounts.push('/new');
  await start(made);
  if (state === 'downloading') made.world.script.pace.set(0, 1000);
  await made.world.add(made, options);
  await ends(made, state);
  return made;
}

/** Whether all of its files are below a folder, as they should be. */
export function holds({ world, contents }: Made, folder: string): boolean {
  return NAMES.every((name, i) => {
    const there = world.disk.content(`${folder}/payload/${name}`);
    return there !== undefined && sameBytes(there, contents[i] ?? new Uint8Array());
  });
}

/** What is left below a folder, without the folders above. */
export function left({ world }: Made, folder: string): string[] {
  return world.disk.paths().filter((path) => path.startsWith(`${folder}/`) && path !== `${folder}/`);
}
