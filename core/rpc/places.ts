import { EnsembleError, messageOf } from '../base/errors.ts';
import type { DownloadSnapshot } from '../engine/engine.ts';
import type { Answer, Args } from './args.ts';
import { pause } from './pause.ts';
import { chosen, type World } from './world.ts';

/** Absolute on some system: the program may run on another than the client. */
export const isAbsolute = (path: string): boolean => /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path);

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
  if (!isAbsolute(output)) throw new EnsembleError('usage', 'new location path is not absolute');
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

/** `free-space`. */
export async function freeSpace({ host }: World, args: Args): Promise<Answer> {
  const path = args.text('path');
  if (path === undefined) throw new EnsembleError('usage', 'directory path argument is missing');
  if (!isAbsolute(path)) throw new EnsembleError('usage', 'directory path is not absolute');
  const { free, problem } = await host.call('folderInfo', { folder: path });
  if (free === null) throw new EnsembleError('disk', problem ?? `How much is free at ${path} is not known.`);
  // How large the disk is in all nobody here knows.
  return { path, 'size-bytes': free, total_size: -1 };
}
