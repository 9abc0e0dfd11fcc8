import { sizeText } from '../../base/sizes.ts';
import { intervalText } from '../figures/interval.ts';
import { median, medianInterval } from '../statistics/intervals.ts';
import type { IdentityOutcome } from '../world.ts';
import type { RunArm } from './arms.ts';
import type { Section } from './page.ts';

/** Most rows of a table that anybody reads. */
const MOST_ROWS = 64;

/** What became of each identity; none where no arm has several, or the rows are too many. */
export function identitySection(arms: readonly RunArm[]): Section | undefined {
  const several = arms.filter(({ k }) => k > 1);
  const rows = several.reduce((sum, { k }) => sum + k, 0);
  if (rows === 0 || rows > MOST_ROWS) return undefined;
  return {
    title: 'Each identity',
    sentences: ["Medians over the runs of each arm; times are from the user's coming until its last piece was there."],
    table: {
      head: ['', 'identity', 'last piece, s (95%)', 'received', 'of that from seeds', 'sent'],
      rows: several.flatMap((arm) => Array.from({ length: arm.k }, (_, index) => rowOf(arm, index))),
    },
  };
}

function rowOf({ name, runs }: RunArm, index: number): readonly string[] {
  const own = runs.flatMap(({ outcome }) => outcome.user.identities.filter((one) => one.index === index));
  const some = (of: (one: IdentityOutcome) => number | null): number[] => own.flatMap((one) => of(one) ?? []);
  const size = (values: readonly number[]): string => (values.length === 0 ? '-' : sizeText(median(values)));
  const times = some(({ seconds }) => seconds);
  return [
    name,
    String(index + 1),
    times.length === 0 ? '-' : intervalText(medianInterval(times), 1),
    size(some(({ down }) => down)),
    size(some(({ fromSeeds }) => fromSeeds)),
    size(some(({ up }) => up)),
  ];
}
