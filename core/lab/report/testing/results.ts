import { bytes } from '../../../base/ids.ts';
import { type Results, RESULTS_VERSION, type RunLine } from '../../results.ts';
import { armsOf, parseSweep } from '../../scenario/arms.ts';
import { readScenario } from '../../scenario/read-scenario.ts';
import type { ArmValues } from '../../scenario/values.ts';
import { seconds } from '../../seconds.ts';
import type { Outcome } from '../../world.ts';

/** When the user and each of the others had everything, in one run. */
export type Play = (
  values: ArmValues,
  repeat: number,
) => { readonly user: number | null; readonly others: readonly (number | null)[] };

const TEXT = 'name: made-up\nabout: Of no swarm.\npayload: {size: 1 MiB}\nseeds: {count: 1, up: 8}\nuser: {K: 1}\n';

/** Results of an experiment that never took place. */
export function madeResults(sweeps: readonly string[], repeats: number, play: Play): Results {
  const parsed = sweeps.map(parseSweep);
  const source = { file: 'made-up', text: TEXT };
  const runs = armsOf(parsed).flatMap((arm) =>
    Array.from({ length: repeats }, (_, repeat): RunLine => {
      const scenario = readScenario(source, arm.values);
      const outcome = outcomeOf(scenario.user.K, play(arm.values, repeat));
      return { type: 'run', session: 0, arm, repeat, seed: 1 + repeat, scenario, outcome };
    }),
  );
  return {
    plan: {
      type: 'plan',
      version: RESULTS_VERSION,
      world: 'sim',
      name: 'made-up',
      text: TEXT,
      sweeps: parsed,
      repeats,
      seed: 1,
    },
    sessions: [
      {
        type: 'session',
        session: 0,
        software: { ensemble: '1.0', node: 'v20' },
        machine: { system: 'Linux', cpu: 'some <cpu>', cores: 2, memory: 2 ** 33 },
      },
    ],
    runs,
  };
}

function outcomeOf(k: number, { user, others }: ReturnType<Play>): Outcome {
  return {
    end: user === null ? 'limit' : 'done',
    lasted: seconds(300),
    user: {
      came: seconds(1),
      seconds: user === null ? null : seconds(user),
      down: bytes(1_048_576),
      up: bytes(500_000),
      wasted: bytes(0),
      twice: 0,
      identities: Array.from({ length: k }, (_, index) => ({
        index,
        address: `10.0.0.${index}`,
        seconds: user === null ? null : seconds(user),
        down: bytes(1000),
        up: bytes(1000),
        fromSeeds: null,
        fromLeechers: null,
        pieces: user === null ? [] : Array.from({ length: 4 }, (_piece, i) => [seconds((user * i) / 4), i * k + index]),
      })),
    },
    peers: others.map((each, index) => ({
      role: 'leecher',
      group: 0,
      index,
      came: seconds(0),
      seconds: each === null ? null : seconds(each),
      left: null,
      down: bytes(1_048_576),
      up: bytes(1_048_576),
      toUser: null,
      fromUser: null,
    })),
    programs: { libtorrent: 'model of 2.0' },
    notes: {},
  };
}
