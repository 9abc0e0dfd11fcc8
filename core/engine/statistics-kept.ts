import * as v from 'valibot';
import { byteCount, count, type Frozen, span } from './values.ts';

export const STATISTICS_VERSION = 1;

/** What all downloads moved, those included that are not in the list any more. */
const statistics = {
  downloaded: byteCount,
  uploaded: byteCount,
  /** Downloads that were added. */
  added: count,
  /** How often the program was started, and how long it ran. */
  starts: count,
  active: span,
};
/** `statistics.json` in the state folder. */
export const statisticsFile = v.object(statistics);
export type Statistics = Frozen<v.InferOutput<typeof statisticsFile>>;
