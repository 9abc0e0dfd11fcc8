import { bytes } from '../../base/ids.ts';
import type { PlanLine, RunLine } from '../results.ts';
import { labelOf, type Sweep } from '../scenario/arms.ts';
import { BUILT_IN } from '../scenario/built-in.ts';
import { readScenario, type ScenarioSource } from '../scenario/read-scenario.ts';
import type { ArmValues } from '../scenario/values.ts';
import { seconds } from '../seconds.ts';

const none = bytes(0);
export const TINY = BUILT_IN.get('tiny') as ScenarioSource;

export function planLine(sweeps: readonly Sweep[] = [], repeats = 2): PlanLine {
  return { type: 'plan', version: 1, world: 'sim', name: 'tiny', text: TINY.text, sweeps, repeats, seed: 1 };
}

/** What came of a run in which the user took so long, and each leecher that long (null: longer than there was time). */
export function runLine(
  values: ArmValues,
  repeat: number,
  user: number | null,
  others: readonly (number | null)[] = [],
  came: readonly number[] = [],
): RunLine {
  return {
    type: 'run',
    session: 0,
    arm: { label: labelOf(values), values },
    repeat,
    seed: 1 + repeat,
    scenario: readScenario(TINY, values),
    outcome: {
      end: user === null ? 'limit' : 'done',
      lasted: seconds(100),
      user: {
        came: seconds(0),
        seconds: user === null ? null : seconds(user),
        down: none,
        up: none,
        wasted: none,
        twice: 0,
        identities: [],
      },
      peers: others.map((time, index) => ({
        role: 'leecher',
        group: 0,
        index,
        came: seconds(came[index] ?? 0),
        seconds: time === null ? null : seconds(time),
        left: null,
        down: none,
        up: none,
        toUser: none,
        fromUser: none,
      })),
      programs: {},
      notes: {},
    },
  };
}
