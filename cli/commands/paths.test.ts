import { expect, test } from 'vitest';
import type { Paths } from '../../core/entry/paths.ts';
import type { Link } from '../../core/links/link.ts';
import type { Survey } from '../../core/links/survey.ts';
import type { Backend } from '../backend.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const link: Link = {
  own: { interfaceName: 'eth1', address: '10.2.0.2', family: 4, internal: false },
  at: { name: 'eth1', kind: 'wired', up: true, pointToPoint: false },
  gateway: '10.2.0.1',
  way: { kind: 'leaves', by: 'eth0', gateway: '10.1.0.1' },
};
const wrong: Survey = {
  links: [link],
  repairs: [{ link, make: [['make', 'it']], undo: [['undo', 'it']] }],
  takeBack: [],
};
const right: Survey = {
  links: [{ ...link, way: { kind: 'leaves', by: 'eth1' } }],
  repairs: [],
  takeBack: [['take', 'back']],
};

async function run(line: string, options: { found?: Survey; answer?: boolean } = {}) {
  const done: string[] = [];
  let now = options.found ?? wrong;
  const ways: Paths = {
    survey: () => Promise.resolve(now),
    apply: (repairs) => {
      done.push(...repairs.flatMap(({ make }) => make.map((one) => one.join(' '))));
      now = right;
      return Promise.resolve();
    },
    undo: (commands) => {
      done.push(...commands.map((one) => one.join(' ')));
      return Promise.resolve();
    },
  };
  const change: Partial<Backend> = {
    openPaths: () => Promise.resolve(ways),
    confirm: () => Promise.resolve(options.answer),
  };
  const bench = new CliBench(change);
  return { code: await bench.run(line), bench, done };
}

test('says by which link an address leaves, and the commands that set it right', async () => {
  const { code, bench, done } = await run('paths --json');
  expect(code).toBe(EXIT.done);
  expect(done).toEqual([]);
  expect(bench.json).toMatchObject([
    {
      event: 'link',
      address: '10.2.0.2',
      verdict: 'elsewhere',
      leavesBy: 'eth0',
      make: [['make', 'it']],
      undo: [['undo', 'it']],
    },
  ]);
  const { bench: text } = await run('paths');
  expect(text.out).toMatch(/leave by eth0.*not by this link[^]*make it[^]*undo it/);
});

test.for<[string, { found?: Survey; answer?: boolean }, readonly string[], boolean]>([
  ['paths --apply', { answer: true }, ['make it'], true],
  ['paths --apply', { answer: false }, [], false],
  ['paths --apply', {}, [], false],
  ['paths --apply --yes', {}, ['make it'], true],
  ['paths --apply', { found: right }, [], true],
  ['paths --undo', { found: right, answer: true }, ['take back'], true],
  ['paths --undo', { found: wrong }, [], true],
  ['paths --undo --apply', { answer: true }, [], false],
  ['paths', { found: { links: [], repairs: [], takeBack: [] } }, [], false],
])('%s, %o', async ([line, options, commands, isDone]) => {
  const { code, done } = await run(line, options);
  expect(done).toEqual(commands);
  expect(code === EXIT.done).toBe(isDone);
});
