import type { PieceIndex } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { StoreLocation } from '../store/layouts/layout.ts';
import type { Placement } from '../store/layouts/placement.ts';
import { confined, foldersOf, whereTheyLie } from '../store/confined.ts';
import { openPlacement } from '../store/layouts/open-placement.ts';
import { copyIntoPlace } from './copy.ts';
import { moveIntoPlace } from './move.ts';
import { clearPayload } from './payload.ts';
import { Progress } from './progress.ts';
import { Targets } from './targets.ts';
import { type AssemblyInput, type AssemblyPorts, type AssemblyResult, type AssemblyWork, checkSignal } from './work.ts';

/**
 * Gives the wanted files their final names below `location.output`, once every piece of them has been verified and is
 * synced (invariant 4). Nothing is renamed while a wanted piece is missing or wrong. An assembly that was cut short anywhere, by a
 * crash or `signal`, is continued when this is called again. Rejects with EnsembleError: `exists` where another file has a target's
 * name, `disk`, `interrupted`.
 */
export async function assemble(
  ports: AssemblyPorts,
  asked: AssemblyInput,
  onProgress: (done: number, total: number) => void,
  signal: StopSignal,
): Promise<AssemblyResult> {
  const settle = async (location: StoreLocation): Promise<StoreLocation> => ({
    ...location,
    chosen: location.chosen ?? (await whereTheyLie(ports.disk, foldersOf(location))),
  });
  const location = await settle(asked.location);
  const others = await Promise.all((asked.others ?? []).map(settle));
  const input = { ...asked, location, others };
  const { info } = input;
  const wanted = info.files.flatMap((file, i) => (input.wantedFiles[i] === 1 && !file.padding ? [i] : []));
  const within = { hasher: ports.hasher, disk: confined(ports.disk, location) };
  const targets = new Targets(within.disk, location.output, info, input.replace);
  const work: AssemblyWork = {
    ports: within,
    whole: ports.disk,
    input,
    geometry: new Geometry(info),
    targets,
    wanted,
    progress: new Progress(onProgress),
    signal,
  };
  checkSignal(signal);
  const bad = await join(work);
  if (bad.length > 0) return { badPieces: bad };
  await targets.sync(wanted);
  if (input.keepPayload !== true && input.leaveRest !== true) await clearPayload(work);
  return { files: wanted.map((file) => targets.path(file)) };
}

/** Moves files that already lie as they should, and copies otherwise. Returns the bad pieces. */
async function join(work: AssemblyWork): Promise<PieceIndex[]> {
  const { location, others = [], keepPayload = false } = work.input;
  const working = [location, ...others].map((place) => placementOf(work, place));
  // Files that got their final names before a crash are sources too.
  const final = placementOf(work, { ...location, assembled: true });
  try {
    if (location.layout === 'in-place' && others.length === 0 && !keepPayload) {
      const bad = await moveIntoPlace(work, working[0] ?? final, final);
      if (bad !== 'elsewhere') return bad;
    }
    return await copyIntoPlace(work, [...working, final]);
  } finally {
    for (const placement of [...working, final]) await placement.close();
  }
}

function placementOf(work: AssemblyWork, location: StoreLocation): Placement {
  const { info, count, owners } = work.input;
  return openPlacement(work.whole, { info, geometry: work.geometry, location, count, owners });
}
