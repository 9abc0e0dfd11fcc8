import type { Disk } from '../ports/disk.ts';
import { filePoolOf } from './file-pool.ts';
import { InPlacePlacement } from './in-place.ts';
import { PartsPlacement } from './parts.ts';
import { PiecesPlacement } from './piece-files.ts';
import type { Placement, PlacementInput } from './placement.ts';

/** The placement for a location. It opens and makes nothing before it is used. */
export function openPlacement(disk: Disk, input: PlacementInput): Placement {
  const files = filePoolOf(disk);
  const { layout, assembled } = input.location;
  if (assembled || layout === 'in-place') return new InPlacePlacement(disk, files, input);
  if (layout === 'parts') return new PartsPlacement(disk, files, input);
  return new PiecesPlacement(disk, files, input);
}
