/** Tiers of trackers as a text: an address in each line, an empty line between tiers. */
export function writeTiers(tiers: readonly (readonly string[])[]): string {
  return tiers.map((tier) => tier.join('\n')).join('\n\n');
}

export function readTiers(typed: string): string[][] {
  const tiers = typed
    .replaceAll('\r\n', '\n')
    .split(/\n\s*\n/)
    .map((tier) => tier.split('\n').map((line) => line.trim()));
  return tiers.map((tier) => tier.filter((line) => line !== '')).filter((tier) => tier.length > 0);
}
