import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { armsOf, parseSweep } from '../../core/lab/scenario/arms.ts';
import { checkScenario } from '../../core/lab/scenario/read-scenario.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';
// The command loads it on demand, for which virtual time would not wait.
import './actions.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('scenarios', () => {
  test('list tells those that can be named', async () => {
    const bench = new CliBench();
    expect(await bench.run('lab list --json')).toBe(EXIT.done);
    expect(bench.json.map(({ name }) => name)).toEqual(expect.arrayContaining(['A', 'D', 'paper', 'tiny']));
  });

  test('what show writes can be checked, and shown again', async () => {
    const bench = new CliBench();
    expect(await bench.run('lab show D')).toBe(EXIT.done);
    bench.disk.put('/home/mine.yaml', encode(bench.out));
    const shown = bench.out;
    bench.out = '';
    expect(await bench.run('lab show mine.yaml')).toBe(EXIT.done);
    expect(bench.out).toBe(shown);
    expect(await bench.run('lab check mine.yaml D')).toBe(EXIT.done);
  });

  test('check tells all that is wrong, with its line', async () => {
    const bench = new CliBench();
    bench.disk.put('/home/x.yaml', encode('name: x\npayload: {size: much}\nseeds: {count: 1, up: fast}\n'));
    expect(await bench.run('lab check x.yaml --json')).toBe(EXIT.usage);
    expect(bench.json).toMatchObject([
      { event: 'problem', file: 'x.yaml', line: 2, field: 'payload.size' },
      { event: 'problem', file: 'x.yaml', line: 3, field: 'seeds.up' },
      { event: 'error', code: 'usage' },
    ]);
  });

  test('the sweep that docs/research.md tells of is one', () => {
    const file = 'docs/research/capacity.yaml';
    const text = readFileSync(file, 'utf8');
    const sweeps = [...text.matchAll(/--sweep (\S+)/g)].map(([, sweep = '']) => parseSweep(sweep));
    const arms = armsOf(sweeps);
    expect(arms).toHaveLength(72);
    for (const { values } of arms) expect(checkScenario({ file, text }, values).problems).toEqual([]);
  });

  test.each([['lab'], ['lab dance'], ['lab show'], ['lab show nowhere.yaml'], ['lab list A']])(
    'ensemble %s',
    async (line) => {
      const bench = new CliBench();
      expect(await bench.run(line)).toBe(EXIT.usage);
      expect(bench.err).not.toBe('');
    },
  );
});
