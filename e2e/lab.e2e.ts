import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Child } from '../core/lab/real/child.ts';
import { readResults } from '../core/lab/results.ts';
import { untilEnded } from './support/processes.ts';
import { COMMAND_LINE, interop } from './support/requirements.ts';
import { treeOf } from '../bench/lib/processes.ts';

interop('the laboratory in the real world', ['libtorrent'], true, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ensemble-lab-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const lab = (...args: readonly string[]): Child =>
    new Child('lab', [process.execPath, COMMAND_LINE, 'lab', ...args], { cwd: folder });

  test('a swarm of real clients is run, and reported on', async () => {
    const run = lab('run', 'tiny', '--world', 'real', '--repeats', '1', '--sweep', 'user.K=2', '-o', 'out', '--json');
    expect(await run.ends(120), run.output).toMatchObject({ code: 0 });
    const { runs } = readResults('results', await readFile(join(folder, 'out/results.jsonl'), 'utf8'));
    const outcome = runs[0]?.outcome;
    expect(outcome).toMatchObject({ end: 'done', programs: { libtorrent: expect.stringMatching(/^2\./) as string } });
    expect(outcome?.user.seconds).toBeGreaterThan(0);
    // Every piece has come to one of the two, and what they got of whom is what the others say that they sent.
    const pieces = outcome?.user.identities.flatMap(({ pieces: own }) => own.map(([, piece]) => piece)) ?? [];
    expect(new Set(pieces).size).toBe(64);
    expect(outcome?.peers.filter(({ role, seconds }) => role === 'leecher' && seconds !== null)).toHaveLength(3);
    const sent = outcome?.peers.reduce((sum, { toUser }) => sum + (toUser ?? 0), 0) ?? 0;
    expect(sent).toBeGreaterThan(0);
    const report = lab('report', 'out');
    expect(await report.ends(60), report.output).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, 'out/report.html'), 'utf8')).toContain('real clients');
  });

  test('killed, it leaves no process behind', async () => {
    const run = lab('run', 'tiny', '--world', 'real', '--repeats', '1', '-o', 'killed', '--json');
    let tree: number[] = [];
    const many = (): boolean => (tree = treeOf(run.pid)).length > 8;
    await run.until(many, 'the programs of the run', 60);
    run.signal('SIGKILL');
    await run.exit;
    expect(await untilEnded(tree, 10)).toEqual([]);
  });
});
