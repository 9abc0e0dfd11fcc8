import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.ts';
import type { Options } from './lib/bench.ts';
import { Bench, resultOf } from './lib/bench.ts';
import { installedClients } from './lib/clients.ts';
import { describeMachine } from './lib/machine.ts';
import { enter, isInside, setUpLoopback } from './lib/namespace.ts';
import { keep, tableOf } from './lib/report.ts';

const HELP = `npm run bench -- [NAME...] [options]
names: ${cases.map((one) => one.name).join(', ')}; none: all
  --rounds N        rounds of each (5)
  --mib N           size of the payload instead of the benchmark's own
  --piece KIB[,..]  piece lengths instead of the benchmark's own
  --only A[,B..]    only subjects whose work or name contains one of these
  --dist DIR        the build to measure, as it is, instead of building the checkout
  --build NAME=DIR  a further build of Ensemble, to compare with (repeatable)
  --disk DIR        where "disk" is (the system's temporary folder)
  --script FILE     for swarm: another program that plays it
  --dry             print the tables and keep nothing
`;

const root = realpathSync(path.join(path.dirname(fileURLToPath(import.meta.url)), '../..'));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    mib: { type: 'string' },
    piece: { type: 'string' },
    only: { type: 'string' },
    dist: { type: 'string' },
    build: { type: 'string', multiple: true, default: [] },
    disk: { type: 'string', default: '/tmp' },
    script: { type: 'string' },
    dry: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const unknown = positionals.filter((name) => !cases.some((one) => one.name === name));
  if (values.help || unknown.length > 0) {
    process.stderr.write(unknown.length > 0 ? `unknown: ${unknown.join(', ')}\n${HELP}` : HELP);
    return values.help ? 0 : 2;
  }
  if (!isInside()) return enter(fileURLToPath(import.meta.url), process.argv.slice(2));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
  setUpLoopback(64);
  const machine = describeMachine();
  for (const one of cases) {
    if (positionals.length > 0 && !positionals.includes(one.name)) continue;
    const bench = new Bench(readOptions());
    process.stderr.write(`== ${one.name}: ${one.title}\n`);
    try {
      await one.run(bench);
    } finally {
      await bench.close();
    }
    const clients = installedClients().map((client) => client.version);
    const options = {
      rounds: values.rounds,
      ...(values.mib === undefined ? {} : { MiB: values.mib }),
      with: clients.join(', '),
    };
    const result = resultOf(one, bench, machine, options);
    process.stdout.write(`\n## ${one.name}: ${one.title}\n\n${tableOf(result)}\n\n`);
    if (values.dry) continue;
    keep(result, path.join(root, 'bench/results'), path.join(root, 'bench/RESULTS.md'));
    if (one.picture !== undefined) writeFileSync(path.join(root, one.picture.path), one.picture.draw(result));
  }
  return 0;
}

function readOptions(): Options {
  const list = (text: string | undefined): string[] => (text === undefined ? [] : text.split(',').filter(Boolean));
  const further = values.build.map((text) => {
    const at = text.indexOf('=');
    return { name: text.slice(0, at), dist: path.resolve(text.slice(at + 1)) };
  });
  const builds = [{ name: 'ensemble', dist: path.resolve(values.dist ?? path.join(root, 'dist')) }, ...further];
  for (const { dist } of builds)
    if (!existsSync(`${dist}/cli/main.js`)) throw new Error(`There is no build in ${dist}.`);
  return {
    rounds: Number(values.rounds),
    mib: values.mib === undefined ? undefined : Number(values.mib),
    pieces: values.piece === undefined ? undefined : list(values.piece).map(Number),
    only: list(values.only),
    builds,
    disk: values.disk,
    script: values.script,
  };
}

process.exit(await main());
