// `npm run acceptance`: the long forms of what `npm test` holds in short. Simulated deaths, faults and swarms, fuzzing and the
// soak in virtual time; then large downloads, kills and hostile input with the built command line. The soak of real sockets
// mostly waits, so it runs at the same time as the simulated stages. `npm run acceptance NAME ...` runs only these stages;
// `npm run acceptance -- --list` prints their names.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { mkdirSync, readFileSync } = await import('node:fs');
const { build, install, root, say } = await import('./setup.mjs');
const { provideTools } = await import('./tools.mjs');
const { line, stage, summary } = await import('./stages.mjs');

const vitest = `${root}node_modules/vitest/vitest.mjs`;
// With `CI` set a missing tool fails its stage, as a stage that did not run was not accepted.
const env = { ...process.env, ENSEMBLE_ACCEPTANCE: '1', CI: '1' };
/** A stage that takes this many times its usual minutes is ended. */
const PATIENCE = 8;

/** Name, vitest project, files, and how many minutes it usually takes on two cores. */
const STAGES = [
  {
    name: 'swarms',
    project: 'unit',
    files: ['core/sim/swarm.test.ts', 'core/sim/manners.test.ts', 'core/sim/version-2'],
    minutes: 3,
  },
  { name: 'faults', project: 'unit', files: ['core/sim/faults.test.ts', 'core/sim/disk-faults.test.ts'], minutes: 1 },
  {
    name: 'deaths',
    project: 'unit',
    files: ['core/coordinator/crash.test.ts', 'core/coordinator/download/move-killed.test.ts', 'core/claims'],
    minutes: 1,
  },
  { name: 'storm', project: 'unit', files: ['core/coordinator/storm.test.ts'], minutes: 1 },
  {
    name: 'files',
    project: 'unit',
    files: [
      'core/coordinator/folder/users-files.test.ts',
      'core/coordinator/folder/swaps.test.ts',
      'core/node/within.test.ts',
    ],
    minutes: 2,
  },
  {
    name: 'peers',
    project: 'unit',
    files: ['core/swarm', 'core/peer', 'core/wire', 'core/mse', 'core/proxy', 'core/utp'],
    minutes: 2,
  },
  { name: 'dht', project: 'unit', files: ['core/dht', 'core/sim/dht.test.ts'], minutes: 4 },
  { name: 'fuzz', project: 'unit', files: ['core/sim/fuzz'], minutes: 2 },
  { name: 'soak', project: 'unit', files: ['core/sim/soak.test.ts'], minutes: 1 },
  { name: 'sockets', project: 'interop', files: ['e2e/hostile-soak.e2e.ts'], minutes: 11 },
  { name: 'hostile', project: 'interop', files: ['e2e/hostile.e2e.ts'], minutes: 2 },
  { name: 'kills', project: 'interop', files: ['e2e/crash.e2e.ts'], minutes: 5 },
  { name: 'dht-real', project: 'interop', files: ['e2e/dht-real.e2e.ts', 'e2e/dht.e2e.ts'], minutes: 8 },
  { name: 'asleep', project: 'interop', files: ['e2e/asleep.e2e.ts'], minutes: 6 },
  { name: 'surroundings', project: 'interop', files: ['e2e/surroundings.e2e.ts'], minutes: 1 },
  { name: 'directory', project: 'interop', files: ['e2e/directory.e2e.ts'], minutes: 1 },
  {
    name: 'machines',
    project: 'interop',
    files: ['e2e/machines.e2e.ts', 'e2e/claim-load.e2e.ts', 'e2e/together.e2e.ts'],
    minutes: 10,
  },
  { name: 'laboratory', project: 'interop', files: ['e2e/lab.e2e.ts', 'e2e/lab-queue.e2e.ts'], minutes: 10 },
  { name: 'windows', project: 'ui', files: ['e2e/ui/together.pw.ts'], minutes: 3 },
  { name: 'encryption', project: 'interop', files: ['e2e/encryption.e2e.ts'], minutes: 3 },
  { name: 'utp', project: 'interop', files: ['e2e/utp.e2e.ts'], minutes: 4 },
  { name: 'neighbours', project: 'interop', files: ['e2e/neighbours.e2e.ts'], minutes: 6 },
  { name: 'remotes', project: 'interop', files: ['e2e/transmission-'], minutes: 1 },
  { name: 'ports', project: 'interop', files: ['e2e/portmap.e2e.ts'], minutes: 1 },
  { name: 'punch', project: 'interop', files: ['e2e/punch.e2e.ts'], minutes: 3 },
  { name: 'v2', project: 'interop', files: ['e2e/v2.e2e.ts', 'e2e/v2-files.e2e.ts'], minutes: 6 },
  { name: 'proxies', project: 'interop', files: ['e2e/proxy.e2e.ts'], minutes: 2 },
  { name: 'links', project: 'interop', files: ['e2e/links.e2e.ts', 'e2e/paths.e2e.ts'], minutes: 4 },
  { name: 'nodes', project: 'interop', files: ['e2e/later-nodes.e2e.ts'], minutes: 2 },
  { name: 'super-seeding', project: 'interop', files: ['e2e/super-seeding.e2e.ts'], minutes: 1 },
  { name: 'large', project: 'interop', files: ['e2e/large.e2e.ts'], minutes: 5 },
];

const names = process.argv.slice(2);
if (names.includes('--list')) {
  for (const { name, minutes, files } of STAGES) console.log(`${name.padEnd(12)}${minutes} min  ${files.join(' ')}`);
  process.exit(0);
}
const unknown = names.filter((name) => !STAGES.some((one) => one.name === name));
if (unknown.length > 0) {
  say(`There is no stage ${unknown.join(', ')}. There are: ${STAGES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = STAGES.filter(({ name }) => names.length === 0 || names.includes(name));

const start = performance.now();
/** @type {import('./stages.mjs').Outcome[]} */
const outcomes = [];

/** @param {readonly (typeof STAGES)[number][]} stages one after the other */
async function run(stages) {
  for (const { name, project, files, minutes } of stages) {
    const report = `coverage/acceptance-${name}.json`;
    const log = `coverage/acceptance-${name}.log`;
    const args = ['run', '--project', project, '--testTimeout=1800000', '--reporter=default', '--reporter=json'];
    say(`${name}: about ${minutes} min, output in ${log}`);
    const command = [vitest, ...args, `--outputFile.json=${report}`, ...files];
    const outcome = await stage(name, command, { seconds: 60 * PATIENCE * minutes, report, log, env });
    outcomes.push(outcome);
    say(line(outcome));
    if (!outcome.ok) say(readFileSync(`${root}${log}`, 'utf8').slice(-8000));
  }
}

install();
mkdirSync(`${root}coverage`, { recursive: true });
if (chosen.some(({ project }) => project === 'interop')) {
  const missing = provideTools();
  if (missing.length > 0) say(`Missing Debian packages: ${missing.join(', ')}.`);
  build();
}
const beside = chosen.filter(({ name }) => name === 'sockets');
await Promise.all([run(beside), run(chosen.filter(({ project }) => project === 'unit'))]);
await run(chosen.filter((one) => one.project !== 'unit' && !beside.includes(one)));

console.log('');
for (const { name } of chosen) {
  const outcome = outcomes.find((one) => one.name === name);
  if (outcome === undefined) continue;
  console.log(line(outcome));
  for (const figure of outcome.figures ?? []) console.log(`        ${figure}`);
}
console.log(`${summary(outcomes)}, in ${((performance.now() - start) / 60_000).toFixed(1)} min`);
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
