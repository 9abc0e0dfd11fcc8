import type { InfoHash } from '../core/base/ids.ts';
import type { ChosenNames, Info } from '../core/metainfo/torrent.ts';
import { chosenAsFound } from '../core/store/own-names.ts';
import type { Context } from './context.ts';

export type NamesInList = () => Promise<ReadonlyMap<InfoHash, ChosenNames>>;

/** The names that the user chose in the list of downloads. That is read once, when they are first asked for. */
export function namesInList(context: Context): NamesInList {
  let read: ReturnType<NamesInList> | undefined;
  return () => (read ??= readNames(context));
}

async function readNames({ backend, env }: Context): ReturnType<NamesInList> {
  let state: string;
  try {
    state = backend.defaultStateFolder(env);
  } catch {
    // Without a home there is no list.
    return new Map();
  }
  return backend.keptNames(state);
}

/** The names that the user chose for a torrent's files in the list of downloads, where they have these in `folder`. The torrent is read where there are such names. */
export async function listedNames(
  context: Context,
  infoOf: () => Info,
  folder: string,
  inList: NamesInList = namesInList(context),
): Promise<ChosenNames> {
  const all = await inList();
  if (all.size === 0) return [];
  const info = infoOf();
  const names = all.get(info.infoHash) ?? [];
  return names.length === 0 ? [] : chosenAsFound(context.backend.disk, info, folder, names);
}
