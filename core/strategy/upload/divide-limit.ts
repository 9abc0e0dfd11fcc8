import type { BytesPerSecond } from '../../base/ids.ts';

/** Everyone gets at least this part of an equal share, whatever its demand; otherwise an identity that stands still could never start. */
const STARTER_PART = 0.1;

/**
 * Divides a limit of a whole download among its identities (B16), in step with `demands` (bytes a second that each could use).
 * Max-min fair: small demands are met in full, the others share the rest equally; what nobody asks for is dealt to all.
 * `total` 0 means no limit, for each too. The parts add up to `total`, but none is below 1.
 */
export function divideLimit(total: BytesPerSecond, demands: readonly number[]): BytesPerSecond[] {
  const n = demands.length;
  if (total <= 0) return demands.map(() => 0 as BytesPerSecond);
  const starter = (total / n) * STARTER_PART;
  const order = demands.map((demand, index) => ({ index, demand: Math.max(demand, starter) }));
  order.sort((a, b) => a.demand - b.demand);
  const parts = demands.map(() => 0);
  let left: number = total;
  order.forEach(({ index, demand }, i) => {
    const part = Math.min(demand, left / (n - i));
    parts[index] = part;
    left -= part;
  });
  return parts.map((part) => Math.max(1, Math.floor(part + left / n)) as BytesPerSecond);
}
