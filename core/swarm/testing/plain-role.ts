import type { SwarmRole } from '../core.ts';

/** The role of a client that wants peers for their own sake, with some of it otherwise. */
export function plainRole(joined: SwarmRole['joined'], changes: Partial<SwarmRole> = {}): SwarmRole {
  return {
    isPrivate: false,
    extensions: [],
    maxPeers: () => 10,
    wanted: () => true,
    complete: () => false,
    makeRoom: () => undefined,
    totals: () => ({ uploaded: 0, downloaded: 0, left: 1 }),
    joined,
    ...changes,
  };
}
