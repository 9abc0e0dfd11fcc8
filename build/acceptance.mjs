// `npm run acceptance`: the long forms of what `npm test` holds in short. Simulated deaths, faults and swarms, fuzzing, the
// soak in virtual time; then large downloads, kills, hostile input and the soak of real sockets with the built command line.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { mkdirSync } = await import('node:fs');
const { build, root, say } = await import('./setup.mjs');
const { line, stage, summary } = await import('./stages.mjs');

const vitest = `${root}node_modules/vitest/vitest.mjs`;
const only = process.argv.slice(2);
const env = { ...process.env, ENSEMBLE_ACCEPTANCE: '1' };

/** Name, vitest project, files, most seconds. */
const STAGES = [
  { name: 'swarms', project: 'unit', files: ['core/sim/swarm.test.ts', 'core/sim/manners.test.ts'], seconds: 900 },
  { name: 'faults', project: 'unit', files: ['core/sim/faults.test.ts', 'core/sim/disk-faults.test.ts'], seconds: 900 },
  { name: 'deaths', project: 'unit', files: ['core/coordinator/crash.test.ts', 'core/claims'], seconds: 900 },
  { name: 'peers', project: 'unit', files: ['core/swarm', 'core/peer', 'core/wire'], seconds: 600 },
  { name: 'fuzz', project: 'unit', files: ['core/sim/fuzz.test.ts'], seconds: 1800 },
  { name: 'soak', project: 'unit', files: ['core/sim/soak.test.ts'], seconds: 900 },
  { name: 'hostile', project: 'interop', files: ['e2e/hostile.e2e.ts'], seconds: 900 },
  { name: 'large', project: 'interop', files: ['e2e/large.e2e.ts'], seconds: 3600 },
  { name: 'kills', project: 'interop', files: ['e2e/crash.e2e.ts'], seconds: 3600 },
  { name: 'directory', project: 'interop', files: ['e2e/directory.e2e.ts'], seconds: 600 },
  { name: 'sockets', project: 'interop', files: ['e2e/hostile-soak.e2e.ts'], seconds: 1800 },
].filter(({ name }) => only.length === 0 || only.includes(name));

mkdirSync(`${root}coverage`, { recursive: true });
if (STAGES.some(({ project }) => project === 'interop')) build();
/** @type {import('./stages.mjs').Outcome[]} */
const outcomes = [];
for (const { name, project, files, seconds } of STAGES) {
  const report = `coverage/acceptance-${name}.json`;
  const args = ['run', '--project', project, '--testTimeout=1800000', '--reporter=default', '--reporter=json'];
  outcomes.push(
    await stage(name, [vitest, ...args, `--outputFile.json=${report}`, ...files], { seconds, report, env }),
  );
}

say('');
for (const outcome of outcomes) console.log(line(outcome));
console.log(summary(outcomes));
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
