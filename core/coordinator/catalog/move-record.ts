import * as v from 'valibot';
import { DOWNLOAD_OPTIONS } from '../../engine/option-table.ts';

/** What is next of a move: everything before it is done, and goes on from there after a crash. */
const STEPS = [
  /** Keep it all in the new place. */
  'bring',
  /** Give it its new names. */
  'name',
  /** Remove the old ones. */
  'clear',
] as const;

/** A move that has begun. */
export interface MoveRecord {
  /** The new output folder. */
  readonly to: string;
  readonly step: (typeof STEPS)[number];
  /** There is a working folder, which is moved, too; undefined: nobody has looked yet. */
  readonly work?: boolean;
  /** Nobody else had changed the finished files when it began; undefined: nobody has looked yet. */
  readonly trusted?: boolean;
}

export const moveRecord: v.GenericSchema<unknown, MoveRecord> = v.object({
  to: DOWNLOAD_OPTIONS.output.schema,
  step: v.picklist(STEPS),
  work: v.exactOptional(v.boolean()),
  trusted: v.exactOptional(v.boolean()),
});
