/** Address i of the benchmark's own network: 0 is where seed and tracker are. */
export function addressOf(index: number): string {
  return `10.77.${index >> 7}.${(index & 127) + 1}`;
}

/** One for each leecher, because most clients keep one connection an address. */
export const PEERS_FROM = 2;
/** Identities that have addresses of their own. */
export const IDENTITIES_FROM = 16;
export const TRACKER_PORT = 6969;
export const SEED_PORT = 51999;
