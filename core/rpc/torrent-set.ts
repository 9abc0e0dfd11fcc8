import { MAX_PEERS } from '../base/bounds.ts';
import type { SeedRule } from '../base/choices.ts';
import { type BytesPerSecond, bytesPerSecond, type TorrentKey } from '../base/ids.ts';
import type { DownloadChanges } from '../engine/download-options.ts';
import type { DownloadSnapshot, FileSnapshot } from '../engine/engine.ts';
import type { Settings } from '../engine/settings.ts';
import { NORMAL } from '../engine/values.ts';
import type { Answer, Args } from './args.ts';
import { chosenPriorities } from './file-choice.ts';
import { FIRST_LIMIT, type IdleLimit, type IdleLimits } from './idle-limits.ts';
import { SPEED_UNIT } from './json.ts';
import { labelled } from './labels.ts';
import { move } from './places.ts';
import { toPlace } from './queue.ts';
import { FIRST_IDLE, FIRST_RATIO, LIMIT_MODE, limitOf, withLimit } from './seeding.ts';
import { editedTrackers } from './tracker-edits.ts';
import { chosen, type World } from './world.ts';

/** Changes options of torrents. */
export async function torrentSet(world: World, args: Args): Promise<Answer> {
  const { host, idle } = world;
  const location = args.text('location');
  for (const one of chosen(world, args)) {
    const changes = changesOf(args, one, () => host.engine.files(one.key), host.settings(), idle);
    if (Object.keys(changes).length > 0) await host.call('change', { key: one.key, changes });
    const tiers = editedTrackers(args, host.engine.links(one.key)?.trackers ?? []);
    if (tiers !== undefined) await host.call('setTrackers', { key: one.key, tiers });
    const place = args.whole('queuePosition');
    if (place !== undefined) await toPlace(world, one.key, place);
    if (location !== undefined) await move(world, one, location, true);
    world.activity.touch(one.key);
  }
  return {};
}

function changesOf(
  args: Args,
  { key, options, fileSlots }: DownloadSnapshot,
  files: () => readonly FileSnapshot[],
  settings: Settings,
  idle: IdleLimits,
): DownloadChanges {
  const peers = args.whole('peer-limit');
  const sequential = args.flag('sequential_download');
  const down = speedOf(args, 'download', options.down, (value) => remembered(idle, key, 'down', value));
  const up = speedOf(args, 'upload', options.up, (value) => remembered(idle, key, 'up', value));
  const byRatio = seedOf(args, 'ratio', options.seed, (value) => remembered(idle, key, 'ratio', value));
  const seed =
    seedOf(args, 'idle', byRatio ?? options.seed, (value) => remembered(idle, key, 'idle', value)) ?? byRatio;
  const labels = labelled(args, settings.categories, options.category);
  const filePriorities = prioritiesOf(args, options.filePriorities, fileSlots, files);
  return {
    ...(filePriorities === undefined ? {} : { filePriorities }),
    ...(peers === undefined ? {} : { maxPeers: Math.min(MAX_PEERS, Math.max(1, peers)) }),
    ...(sequential === undefined ? {} : { sequential }),
    ...(down === undefined ? {} : { down }),
    ...(up === undefined ? {} : { up }),
    ...(seed === undefined ? {} : { seed }),
    ...labels,
  };
}

function prioritiesOf(
  args: Args,
  before: readonly number[] | undefined,
  slots: number,
  listed: () => readonly FileSnapshot[],
): readonly number[] | undefined {
  if (
    !['files-wanted', 'files-unwanted', 'priority-low', 'priority-normal', 'priority-high'].some((name) =>
      args.list(name),
    )
  ) {
    return undefined;
  }
  const files = listed();
  const after = chosenPriorities(
    args,
    files.map(({ priority }) => priority),
  );
  if (after === undefined || slots === 0) return undefined;
  const all = Array.from({ length: slots }, (_, slot) => before?.[slot] ?? NORMAL);
  files.forEach(({ index }, place) => (all[index] = after[place] ?? NORMAL));
  return all;
}

/** Remembers a value, or tells the one that was remembered last. */
function remembered(idle: IdleLimits, key: TorrentKey, what: IdleLimit, value: number | undefined): number | undefined {
  if (value !== undefined) idle.set(key, what, value);
  return idle.get(key, what);
}

/** A limit after what a request says of it; undefined: nothing, or only which one would hold. */
function speedOf(
  args: Args,
  way: 'download' | 'upload',
  now: BytesPerSecond,
  last: (value?: number) => number | undefined,
): BytesPerSecond | undefined {
  const said = args.whole(`${way}Limit`);
  const limited = args.flag(`${way}Limited`);
  const value = last(said === undefined ? (now > 0 ? now / SPEED_UNIT : undefined) : Math.max(0, said));
  if (limited === false) return bytesPerSecond(0);
  if (limited === undefined && (said === undefined || now === 0)) return undefined;
  return bytesPerSecond(Math.max(1, (value ?? FIRST_LIMIT) * SPEED_UNIT));
}

/** What Transmission calls the limits of seeding. */
const SEED_LIMIT = {
  ratio: { limit: 'seedRatioLimit', mode: 'seedRatioMode', first: FIRST_RATIO },
  idle: { limit: 'seedIdleLimit', mode: 'seedIdleMode', first: FIRST_IDLE },
} as const;

/** The rule after what a request says of one of its limits; undefined: nothing, or only which one would hold. */
function seedOf(
  args: Args,
  of: keyof typeof SEED_LIMIT,
  now: SeedRule,
  last: (value?: number) => number | undefined,
): SeedRule | undefined {
  const { limit, mode, first } = SEED_LIMIT[of];
  const said = args.real(limit);
  const asked = args.whole(mode);
  const holding = limitOf(now, of, first);
  const isOwn = holding.mode === LIMIT_MODE.own;
  const value = last(said === undefined ? (isOwn ? holding.limit : undefined) : Math.max(0, said));
  if (asked === undefined && (said === undefined || !isOwn)) return undefined;
  return withLimit(now, of, asked ?? LIMIT_MODE.own, value ?? first);
}
