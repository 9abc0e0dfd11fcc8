import { EnsembleError, messageOf } from '../base/errors.ts';
import type { DownloadSnapshot } from '../engine/engine.ts';
import type { Answer, Args } from './args.ts';
import { chosen, type World } from './world.ts';

type Action = (world: World, one: DownloadSnapshot, args: Args) => Promise<unknown> | void;

/** A method that does the same with each torrent. All get their turn; if it fails for some, the first reason is told. */
export function onEach(action: Action): (world: World, args: Args) => Promise<Answer> {
  return async (world, args) => {
    const done = await Promise.allSettled(chosen(world, args).map(async (one) => action(world, one, args)));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
    return {};
  };
}

/** What was started goes on after the answer, as in Transmission: a check takes as long as it takes. */
function unwatched({ host }: World, work: Promise<unknown>): void {
  work.catch((error: unknown) => host.warn(messageOf(error)));
}

/** One that has done its share of seeding seeds on, as nobody would start it for anything else. */
export const start: Action = async ({ host }, { key, state }) => {
  if (state === 'done') await host.call('change', { key, changes: { seed: { kind: 'forever' } } });
  else await host.call('resume', { key });
};
/** Whatever its place in the queue. */
export const startNow: Action = async (world, one, args) => {
  await world.host.call('change', { key: one.key, changes: { forced: true } });
  await start(world, one, args);
};
export const stop: Action = ({ host }, { key }) => host.call('pause', { key });
export const verify: Action = (world, { key }) => unwatched(world, world.host.call('recheck', { key }));
export const reannounce: Action = ({ host }, { key }) => host.call('announce', { key });
export const remove: Action = ({ host }, { key }, args) =>
  host.call('remove', { key, data: args.flag('delete-local-data') ?? false });

/** A method that is there and cannot do anything here, and says why. */
export const refusing = (why: string) => (): Promise<Answer> => Promise.reject(new EnsembleError('usage', why));
