import { EnsembleError } from '../../base/errors.ts';
import { millis } from '../../base/ids.ts';
import { BucketError, type BucketServer } from '../../ports/buckets.ts';
import type { Clock } from '../../ports/clock.ts';
import { wait } from '../../ports/wait.ts';
import { Room, type RoomOptions } from './room.ts';

/** Between two tries to reach the server. */
const RETRY = millis(3000);

interface RoomsOptions extends RoomOptions {
  readonly server: BucketServer;
  readonly name: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Is told why the server cannot be used for now, once until it can. */
  readonly away: (why: string) => void;
}

/**
 * Does `task` in a room, and again from the start in another one as often as the connection is lost, or the server has no answer or no room. Rejects with
 * EnsembleError('usage') where it does not let us in.
 */
export async function inRooms<T>(options: RoomsOptions, task: (room: Room) => Promise<T>): Promise<T> {
  const { server, name, clock, signal, away } = options;
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    let room: Room | undefined;
    try {
      room = await Room.enter(server, name, options);
      return await task(room);
    } catch (error) {
      if (!(error instanceof BucketError)) throw error;
      if (error.kind === 'refused') throw new EnsembleError('usage', `${server.name} ${error.message}.`);
      if (!told) away(error.message);
      told = true;
    } finally {
      room?.close();
    }
    await wait(clock, RETRY, signal);
  }
}
