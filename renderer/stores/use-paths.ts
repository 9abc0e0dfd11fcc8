import type { PathsInUse } from '../../core/engine/paths.ts';
import { useAsked } from './use-asked.ts';

/** How often the program is asked, in milliseconds. */
const PERIOD = 2000;

/** The ways out of the program's machine and what leaves by each, as long as somebody looks; undefined: not known yet. */
export function usePaths(): PathsInUse | undefined {
  return useAsked('paths', PERIOD);
}
