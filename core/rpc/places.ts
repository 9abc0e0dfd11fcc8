import { EnsembleError, messageOf } from '../base/errors.ts';
import { isWholePath } from '../base/whole-path.ts';
import type { DownloadSnapshot } from '../engine/engine.ts';
import type { Answer, Args } from './args.ts';
import { pause } from './pause.ts';
import { chosen, type World } from './world.ts';

/** `torrent-set-location`: moves the files, or finds them where they are. */
export async function setLocation(world: World, args: Args): Promise<Answer> {
  const location = args.text('location');
  if (location === undefined) throw new EnsembleError('usage', 'no location');
  for (const one of chosen(world, args)) await move(world, one, location, args.flag('move') ?? false);
  return {};
}

/** Of a move what fails within this time, in ms, is told to the client; it goes on after the answer, as in Transmission. */
const TOLD_WITHIN = 500;

/** `moves`: the files go there; else they are there already. */
export async function move({ host }: World, one: DownloadSnapshot, output: string, moves: boolean): Promise<void> {
  if (!isWholePath(output)) throw new EnsembleError('usage', 'new location path is not absolute');
  const { key } = one;
  if (!moves) await host.call('reopen', { key, place: { output, found: true } });
  else if (output !== one.options.output) {
    let answered = false;
    const moving = host.call('move', { key, output }).catch((error: unknown) => {
      if (answered) host.warn(messageOf(error));
      else throw error;
    });
    await Promise.race([moving, pause(host.clock, TOLD_WITHIN)]);
    answered = true;
  }
}

/** `torrent-rename-path`, of one torrent. `path`: as the client knows it, the torrent's name first where it has several files. */
export async function renamePath(world: World, args: Args): Promise<Answer> {
  const [one, ...others] = chosen(world, args);
  if (one === undefined || others.length > 0)
    throw new EnsembleError('usage', 'torrent-rename-path requires 1 torrent');
  const [path, wished] = [args.text('path'), args.text('name')];
  if (path === undefined || path === '' || wished === undefined) throw new EnsembleError('usage', 'no path or no name');
  const renamed = await world.host.call('rename', { key: one.key, path, name: wished });
  return { id: world.ids.of(one.key), path, name: renamed.slice(renamed.lastIndexOf('/') + 1) };
}

/** `free-space`. */
export async function freeSpace({ host }: World, args: Args): Promise<Answer> {
  const path = args.text('path');
  if (path === undefined) throw new EnsembleError('usage', 'directory path argument is missing');
  if (!isWholePath(path)) throw new EnsembleError('usage', 'directory path is not absolute');
  const { free, problem } = await host.call('folderInfo', { folder: path });
  if (free === null) throw new EnsembleError('disk', problem ?? `How much is free at ${path} is not known.`);
  // How large the disk is in all nobody here knows.
  return { path, 'size-bytes': free, total_size: -1 };
}
