import type { Disk } from '../../ports/disk.ts';
import { confined } from '../confined.ts';
import type { StoreLocation } from './layout.ts';
import { filePoolOf } from '../file-pool.ts';
import { InPlacePlacement } from './in-place.ts';
import { PartsPlacement } from './parts.ts';
import { PiecesPlacement } from './piece-files.ts';
import type { Placement, PlacementInput } from './placement.ts';

/** The placement for a location. It opens and makes nothing before it is used. */
export function openPlacement(disk: Disk, input: PlacementInput): Placement {
  const { layout, assembled } = input.location;
  const within = confined(disk, input.location);
  const files = filePoolOf(disk).on(within, scratchOf(input.location));
  if (assembled || layout === 'in-place') return new InPlacePlacement(within, files, input);
  if (layout === 'parts') return new PartsPlacement(within, files, input);
  return new PiecesPlacement(within, files, input);
}

/** What copies of its files are called while an identity makes them. */
export function scratchOf({ workFolder, identity }: StoreLocation): string {
  return `${workFolder}/copy-${identity}`;
}
