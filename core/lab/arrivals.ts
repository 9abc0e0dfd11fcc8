import { SeededRandom } from '../sim/random.ts';
import type { Arrival, Scenario } from './scenario/scenario.ts';
import { type Seconds, seconds } from './seconds.ts';

/** When everybody comes, in seconds from the begin: by group, each in the order of its members. */
export interface ArrivalTimes {
  readonly seeds: readonly (readonly Seconds[])[];
  readonly leechers: readonly (readonly Seconds[])[];
  readonly user: Seconds;
}

/**
 * Draws when everybody comes. The same seed gives the same times in every world and every arm, whatever else differs between them:
 * each group has its own sequence, of which its n-th member takes the n-th.
 */
export function arrivalTimes({ seeds, leechers, user }: Scenario, seed: number): ArrivalTimes {
  const draw = (role: number, group: number, arrive: Arrival, count: number): Seconds[] =>
    times(arrive, count, new SeededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ (role * 1009 + group + 1)));
  return {
    seeds: seeds.map(({ arrive, count }, i) => draw(1, i, arrive, count)),
    leechers: leechers.map(({ arrive, count }, i) => draw(2, i, arrive, count)),
    user: draw(3, 0, user.arrive, 1)[0] ?? seconds(0),
  };
}

function times({ kind, from, seconds: span }: Arrival, count: number, { uniform }: SeededRandom): Seconds[] {
  let last = from as number;
  return Array.from({ length: count }, (_, i) => {
    const chance = uniform();
    if (kind === 'within') return seconds(from + chance * span);
    if (kind === 'every') return seconds(from + i * span + chance);
    last += -Math.log(1 - chance) * span;
    return seconds(last);
  });
}
