import { Bitfield } from '../../base/bitfield.ts';
import type { PieceIndex } from '../../base/ids.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import type { DownloadEnv } from '../download-env.ts';
import { type Target, targetPath } from '../folder/target.ts';
import { changedAtTarget } from './changed-files.ts';
import { NORMAL } from '../../engine/values.ts';
import { piecesWithin, servablePieces, wantedFiles, wantedPieces } from './file-choice.ts';
import type { LookInput, PrepareInput } from './prepare-input.ts';
import { readPieces } from './read-pieces.ts';
import type { Verdict } from './starting-point.ts';

/** What was read at the target. */
export interface TargetRead {
  readonly verdict: Verdict;
  /** For each piece 1 where it is known to be right at the target, and can be read there. */
  readonly right: Uint8Array;
}

/** Finds out which wanted pieces are right at the target. In our own files that nobody has changed since, they need not be read. */
export async function readTarget(
  env: DownloadEnv,
  input: PrepareInput,
  target: Pick<Target, 'kind' | 'newest'>,
): Promise<TargetRead & { readonly newest: FileTimes }> {
  const wanted = wantedPieces(input);
  const servable = servablePieces(input);
  const { believed, newest } = await believedAtTarget(env, input, target);
  const right = await rightPieces(env, input, { wanted, servable, believed });
  const verdict = verdictOf(right, wanted, servable);
  // Pieces that reach into other files were only trusted: from here on they have to be read, or fetched.
  for (const p of believed.indexes()) if (!servable.has(p)) right[p] = 0;
  return { verdict, right, newest };
}

/**
 * Finds out which pieces are right in files that have arrived at the target; those that are `known` are left out. The other files of
 * the download were chosen after these had been assembled, or their assembly was cut short.
 */
export async function readArrived(
  env: DownloadEnv,
  input: PrepareInput,
  arrived: Target['arrived'],
  known: Bitfield,
): Promise<TargetRead> {
  const servable = servablePieces(onlyFiles(input, arrived));
  const unknown = servable.clone();
  for (const p of known.indexes()) unknown.delete(p);
  const ours = onlyFiles(input, both(arrived, filesOf(input, input.placed ?? [])));
  const believed = servablePieces(ours);
  believed.retain(unknown);
  for (const p of await changedSince(env, ours, believed)) believed.delete(p);
  const right = await rightPieces(env, onlyFiles(input, arrived), { wanted: unknown, servable: unknown, believed });
  return { verdict: verdictOf(right, wantedPieces(input), servable), right };
}

/** Newest times of the wanted files as they are now. */
export async function timesAtTarget(env: DownloadEnv, input: PrepareInput): Promise<FileTimes> {
  return (await changedAtTarget(env.ports, input, wantedPieces(input), undefined)).newest;
}

/** The pieces of those files that have arrived at the target and are ours by the catalog; undefined: that is everything there. */
export function arrivedPieces(input: LookInput, { kind, arrived }: Target): Bitfield | undefined {
  const ours = both(arrived, filesOf(input, input.placed ?? []));
  if (kind === 'whole' && arrived.every((one, file) => one === ours[file])) return undefined;
  return servablePieces(onlyFiles(input, ours));
}

function verdictOf(right: Uint8Array, wanted: Bitfield, servable: Bitfield): Verdict {
  let verdict: Verdict = 'right';
  for (const p of wanted.indexes()) {
    if (right[p] === 1) continue;
    if (servable.has(p)) return 'wrong';
    verdict = 'unclear';
  }
  return verdict;
}

/**
 * Which wanted pieces need not be read at a target that is `whole`: those in our own files that nobody has changed since. A piece
 * that also reaches into unwanted files was verified when it was assembled.
 */
async function believedAtTarget(
  env: DownloadEnv,
  input: PrepareInput,
  target: Pick<Target, 'kind' | 'newest'>,
): Promise<{ readonly believed: Bitfield; readonly newest: FileTimes }> {
  const { info, options, placed = [] } = input;
  const whole = target.kind === 'whole';
  if (!whole || placed.length === 0) {
    // Of files that were just looked at, none of which is believed, the times are known.
    const { newest } = whole ? target : { newest: await timesAtTarget(env, input) };
    return { believed: new Bitfield(info.pieceCount), newest };
  }
  const wanted = wantedPieces(input);
  const ours = filesOf(input, placed);
  const isWanted = wantedFiles(info, options.filePriorities);
  const all = isWanted.every((one, file) => one <= (ours[file] ?? 0));
  const { newest, pieces } = await changedAtTarget(env.ports, input, wanted, all ? input.times : undefined);
  const believed = piecesWithin(input, (file) => ours[file] === 1 || isWanted[file] === 0);
  believed.retain(wanted);
  const changed = all ? pieces : await changedSince(env, onlyFiles(input, ours), believed);
  for (const p of changed) believed.delete(p);
  return { believed, newest };
}

/** Those of the pieces whose files somebody changed since we assembled them. */
async function changedSince(env: DownloadEnv, ours: PrepareInput, believed: Bitfield): Promise<readonly PieceIndex[]> {
  return believed.isEmpty ? [] : (await changedAtTarget(env.ports, ours, believed, ours.times)).pieces;
}

/**
 * Which wanted pieces are right at the target: one byte each. `believed` pieces need not be read. Where everything is to be read,
 * they still stand for pieces that cannot be read there because they reach into other files.
 */
async function rightPieces(
  env: DownloadEnv,
  input: PrepareInput,
  { wanted, servable, believed }: Readonly<Record<'wanted' | 'servable' | 'believed', Bitfield>>,
): Promise<Uint8Array> {
  const { everything } = input;
  const right = new Uint8Array(input.info.pieceCount);
  for (const p of believed.indexes()) if (!everything || !servable.has(p)) right[p] = 1;
  const unknown = Uint32Array.from(wanted.indexes()).filter((p) => right[p] === 0);
  if (unknown.length === 0) return right;
  const good = await readPieces(env, input, unknown, { where: 'target' });
  for (const p of unknown) right[p] = good[p] ?? 0;
  return right;
}

/** The same download with only these files. */
function onlyFiles<T extends LookInput>(input: T, files: Uint8Array): T {
  const filePriorities = Array.from(files, (one) => (one === 1 ? NORMAL : 0));
  return { ...input, options: { ...input.options, filePriorities } };
}

/** 1 for each file of the torrent that has one of these paths. */
function filesOf({ info, options }: LookInput, paths: readonly string[]): Uint8Array {
  const there = new Set(paths);
  return Uint8Array.from(info.files, (_, file) => (there.has(targetPath(info, options.output, file)) ? 1 : 0));
}

const both = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((one, file) => one & (b[file] ?? 0));
