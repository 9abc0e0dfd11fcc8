import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EnsembleError } from '../../core/base/errors.ts';
import { parseStoreUrl } from '../../core/base/store-place.ts';
import { bucketServer } from '../../core/entry/bucket-server.ts';
import { queueCodec } from '../../core/lab/queue/codec.ts';
import { collectAt } from '../../core/lab/queue/collector.ts';
import { type Told, workAt } from '../../core/lab/queue/worker.ts';
import type { ResultLine, Results, RunLine } from '../../core/lab/results.ts';
import { timeLeft } from '../../core/lab/runs.ts';
import { readScenario } from '../../core/lab/scenario/read-scenario.ts';
import type { Context } from '../context.ts';
import { chooseReporter } from '../output/choose.ts';
import { formatDuration } from '../output/format.ts';
import type { Reporter } from '../output/reporter.ts';
import type { LabFlags } from './flags.ts';
import { oneName } from './names.ts';
import { withRunners } from './run-pool.ts';
import { runText, sessionFacts } from './told.ts';
import { openWorld } from './worlds.ts';

/** Of an order or a result, unpacked. */
const MOST_UNPACKED = 1 << 26;

const codec = queueCodec({
  pack: (bytes) => gzipSync(bytes),
  unpack: (bytes) => gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED }),
});

const placeAt = (context: Context, url: string, said: string) => {
  const place = parseStoreUrl(url, said);
  return { server: bucketServer(place), name: place.name, clock: context.backend.clock, codec, signal: context.signal };
};

/** Has the runs that are left done by workers, and keeps what comes of them. */
export async function collectRuns(
  context: Context,
  url: string,
  results: Results,
  { add, reporter, total }: { add: (line: ResultLine) => Promise<void>; reporter: Reporter; total: number },
): Promise<readonly RunLine[]> {
  const there = results.runs.length;
  let done = there;
  // What workers had done before anybody collected it says nothing of how fast they are, but of a long experiment that is little.
  const begun = context.backend.clock.now();
  const tell = (): void => {
    const left = timeLeft((context.backend.clock.now() - begun) / 1000, done - there, total - done);
    const what = left === undefined ? 'Workers are at it' : `Workers are at it, ${formatDuration(left * 1000)} left`;
    reporter.work({ what, done, total });
  };
  tell();
  return collectAt({
    ...placeAt(context, url, '--workers'),
    results,
    add,
    collected: (line) => {
      done++;
      reporter.result(...runText(line));
      tell();
    },
    refused: ({ arm, repeat }) =>
      reporter.message(`${arm.label}, repeat ${repeat + 1}: what stood there is no result. It is to be done again.`),
    away: (why) => reporter.message(`The server cannot be used for now: ${why}.`),
  });
}

/** `lab work URL`: does runs of the experiment that is there, several at a time, until all are done. */
export async function workForOthers(context: Context, names: readonly string[], flags: LabFlags): Promise<void> {
  const url = oneName(names, 'Name one server: `ensemble lab work nats://HOST[:PORT]/NAME`.');
  const at = placeAt(context, url, '`lab work`');
  const reporter = chooseReporter(context, flags.json === true);
  const waits = new Set<string>();
  const tell = (what: Told): void => {
    const text = toldText(what);
    if (what.kind === 'done') reporter.result({ event: 'run', arm: what.run.arm.label, repeat: what.run.repeat }, text);
    else if (!waits.has(text)) reporter.message(text);
    waits.add(text);
  };
  const session = sessionFacts();
  try {
    const ended = await withRunners(flags.jobs, context.signal, (runner, signal) =>
      workAt({
        ...at,
        signal,
        worker: randomUUID(),
        session,
        real: flags.world === 'real',
        tell,
        play: async ({ world, name, text }, run) => {
          const scenario = readScenario({ file: name, text }, run.arm.values);
          const [refusal] = (await openWorld(world)).refusals(scenario);
          if (refusal !== undefined) throw new EnsembleError('usage', `${name}, ${run.arm.label}: ${refusal}.`);
          return { type: 'run', ...run, scenario, outcome: await runner.do({ world, scenario, run }, signal) };
        },
      }),
    );
    const runs = ended.reduce((sum, one) => sum + one, 0);
    reporter.result({ event: 'done', runs }, `All runs are done, ${runs} of them here.`);
  } finally {
    reporter.close();
  }
}

const WAITS: Readonly<Record<Extract<Told, { kind: 'waits' }>['why'], string>> = {
  'no order': 'Nothing is to be done there yet: waiting for `ensemble lab run --workers`.',
  'no order that is understood':
    'What is to be done there is not understood; it may be of another version of Ensemble. Waiting for another order.',
  'others are at the rest': 'Others are at the runs that are left: waiting whether one of them fails.',
};

function toldText(what: Told): string {
  switch (what.kind) {
    case 'done': {
      const { arm, repeat } = what.run;
      return `${arm.label}, repeat ${repeat + 1}: ${what.first ? 'done' : 'another one was faster'}`;
    }
    case 'waits':
      return WAITS[what.why];
    case 'away':
      return `The server cannot be used for now: ${what.why}.`;
  }
}
