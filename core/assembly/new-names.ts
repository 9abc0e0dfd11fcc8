import { inLanes } from '../base/lanes.ts';
import type { Disk } from '../ports/disk.ts';
import { Targets } from './targets.ts';
import { taken } from './bring-over.ts';
import { type MoveInput, MovePlaces, WIDTH } from './move-place.ts';
import { sameContent } from './same-content.ts';

/**
 * Gives all that was brought over its new name; what has one already, by an earlier run that was killed, keeps it. Where something of
 * somebody else's has one by now, nothing keeps any, and it rejects with EnsembleError('exists'). When it resolves the names are on
 * stable storage.
 */
export async function giveNewNames(whole: Disk, input: MoveInput): Promise<void> {
  const places = new MovePlaces(whole, input);
  const { disk } = places;
  const { payload, records } = await places.paths();
  const paths = [...payload, ...records];
  const files = paths.map((path) => ({ path: path.split('/'), length: 0, offset: 0, padding: false }));
  const targets = new Targets(disk, input.to, { files }, false);
  /** What has its name now. */
  const named: number[] = [];
  const give = async (path: string, file: number): Promise<void> => {
    const old = await disk.info(places.from(path));
    const half = await disk.info(places.half(path));
    const now = await disk.info(places.to(path));
    const [source, what] = half === undefined ? [places.from(path), old] : [places.half(path), half];
    if (what === undefined) return;
    named.push(file);
    if (now === undefined) return targets.give(source, file);
    if (now.id === what.id) return;
    const isOld = old !== undefined && (await sameContent(disk, [places.from(path), old], [places.to(path), now]));
    if (!isOld) throw taken(places.to(path));
  };
  try {
    await inLanes(payload.entries(), WIDTH, ([file, path]) => give(path, file));
    for (const [i, path] of records.entries()) await give(path, payload.length + i);
    await targets.sync(named);
  } catch (error) {
    await targets.withdraw();
    throw error;
  }
}
