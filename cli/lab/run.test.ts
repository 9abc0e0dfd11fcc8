import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holdFolder } from '../../core/entry/hold-folder.ts';
import { NodeClock } from '../../core/node/clock.ts';
import { readResults } from '../../core/lab/results.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'ensemble-lab-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const results = (): string => path.join(folder, 'out/results.jsonl');
const written = (): string => readFileSync(results(), 'utf8');
const read = () => readResults('x', written());
/** Runs are played in the time of the simulation, and take their turns in real time. */
const run = async (line: string): Promise<[number, CliBench]> => {
  const bench = new CliBench({ clock: new NodeClock() });
  return [await bench.start(`lab run ${line} -o ${folder}/out --json`), bench];
};
/** The runs that a command told of. */
const toldIn = (bench: CliBench) => bench.json.filter(({ event }) => event === 'run');

describe('ensemble lab run', () => {
  test('leaves a line a run, and goes on with what is left', async () => {
    const [code, bench] = await run('tiny --sweep user.K=1,2 --repeats 2 --seed 5');
    expect(code).toBe(EXIT.done);
    expect(toldIn(bench).map(({ arm, seed, end }) => [arm, seed, end])).toEqual([
      ['user.K=1', 5, 'done'],
      ['user.K=2', 5, 'done'],
      ['user.K=1', 6, 'done'],
      ['user.K=2', 6, 'done'],
    ]);
    expect(bench.json.filter(({ event }) => event === 'comparison')).toHaveLength(2);
    const whole = written();
    const { runs } = read();
    expect(runs.map(({ scenario, seed }) => [scenario.user.K, seed])).toEqual([
      [1, 5],
      [1, 6],
      [2, 5],
      [2, 6],
    ]);
    for (const { outcome } of runs) {
      const { user, peers } = outcome;
      expect(user.identities.flatMap(({ pieces }) => pieces.map(([, piece]) => piece)).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 64 }, (_, i) => i),
      );
      expect(user.down - user.wasted).toBeLessThanOrEqual(4 * 1024 ** 2);
      expect(peers.every(({ role, seconds }) => role === 'seed' || seconds !== null)).toBe(true);
    }

    // A kill tore the last line.
    const lines = whole.trimEnd().split('\n');
    writeFileSync(results(), `${lines.slice(0, -1).join('\n')}\n${lines.at(-1)?.slice(0, 100)}`);
    const [again, second] = await run('tiny --sweep user.K=1,2 --repeats 2 --seed 5');
    expect(again).toBe(EXIT.done);
    expect(toldIn(second)).toHaveLength(1);
    // What was run again came out the same, but for the session.
    expect(read().runs.map((one) => ({ ...one, session: 0 }))).toEqual(runs);

    const [third, more] = await run('tiny --sweep user.K=1,2 --repeats 3 --seed 5');
    expect(third).toBe(EXIT.done);
    expect(toldIn(more).map(({ seed }) => seed)).toEqual([7, 7]);
    expect(read().plan.repeats).toBe(3);
  });

  test.each([
    ['of another seed', 'tiny --repeats 1 --seed 9', undefined, EXIT.output],
    ['of another scenario', 'A --repeats 1', undefined, EXIT.output],
    ['another file', 'tiny --repeats 1', 'my notes', EXIT.output],
    ['a folder that another one runs in', 'tiny --repeats 2', undefined, EXIT.inUse],
  ])('does not touch results %s', async (_, line, content, expected) => {
    await run('tiny --repeats 1');
    const before = written();
    if (content !== undefined) writeFileSync(results(), content);
    const lock = expected === EXIT.inUse ? await holdFolder(path.dirname(results())) : undefined;
    const [code, bench] = await run(line);
    expect(code).toBe(expected);
    if (lock !== undefined) expect(bench.err).toContain('in use');
    expect(written()).toBe(content ?? before);
    // Afterwards it is free.
    await lock?.release();
    writeFileSync(results(), before);
    expect((await run('tiny --repeats 2'))[0]).toBe(EXIT.done);
    expect(readdirSync(path.dirname(results()))).toEqual(['results.jsonl']);
  });

  test.each([
    ['--repeats 1', 'Name one scenario'],
    ['tiny A', 'Name one scenario'],
    ['tiny --sweep user.K', 'user.K'],
    ['tiny --sweep user.K=1,64', 'user.K'],
    ['tiny --sweep user.k=1,2', 'user.k'],
    ['tiny --strategy luck', 'user.strategy'],
    ['tiny --sweep seeds.client=aria2', 'aria2'],
    ['tiny --world moon', 'moon'],
  ])('%s is refused before anything is run', async (line, why) => {
    const [code, bench] = await run(line);
    expect(code).toBe(EXIT.usage);
    expect(bench.err).toContain(why);
    expect(existsSync(results())).toBe(false);
  });
});
