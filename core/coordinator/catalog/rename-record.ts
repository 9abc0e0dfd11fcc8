import * as v from 'valibot';
import { chosenNames } from '../../engine/values.ts';
import type { ChosenNames } from '../../metainfo/torrent.ts';

/** Files are being renamed: until it is over some may bear their old name, some the new one, or both. */
export interface RenameRecord {
  /** All chosen names, once it is over. */
  readonly names: ChosenNames;
  /** `name`: they get their new names; `clear`: all have them, and the old ones go. */
  readonly step: 'name' | 'clear';
  /** Nobody else had changed the finished files when it began. */
  readonly trusted: boolean;
}

export const renameRecord: v.GenericSchema<unknown, RenameRecord> = v.object({
  names: chosenNames,
  step: v.picklist(['name', 'clear']),
  trusted: v.boolean(),
});
