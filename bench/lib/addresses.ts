/** Address i of the benchmarks' own network; 0 is that of the seed and the tracker. */
export function addressOf(index: number): string {
  return `10.77.${index >> 7}.${(index & 127) + 1}`;
}

/** Index of the first leecher's address. Each has its own, because most clients keep only one connection to an address. */
export const PEERS_FROM = 2;
/** Index of the first address of identities that have one each. */
export const IDENTITIES_FROM = 16;
export const TRACKER_PORT = 6969;
export const SEED_PORT = 51999;
