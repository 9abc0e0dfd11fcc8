// `npm test`: sets up what is missing, then runs every check there is. The last line sums them up.
import { refuseOldNode } from './node-version.mjs';

refuseOldNode();
const { existsSync, mkdirSync, readFileSync, rmSync } = await import('node:fs');
const { build, install, root, say } = await import('./setup.mjs');
const { hasElectron } = await import('./electron-runtime.mjs');
const { provideTools } = await import('./tools.mjs');
const { retriedLines } = await import('./retried.mjs');
const { coverageByFolder, line, stage, summary } = await import('./stages.mjs');

const modules = `${root}node_modules/`;
const vitest = `${modules}vitest/vitest.mjs`;
const reports = 'coverage';
const REPORTERS = ['default', 'json', `${root}build/retried.mjs`].map((name) => `--reporter=${name}`);
/** Folders of core/ that only decide or parse, and the percentage of their lines that tests have to reach. */
const PURE = ['base', 'bencode', 'metainfo', 'wire', 'strategy'];
const LEAST_COVERAGE = 90;
/** @type {import('./stages.mjs').Outcome[]} */
const outcomes = [];

/** @param {import('./stages.mjs').Outcome} outcome */
function note(outcome) {
  outcomes.push(outcome);
  console.log(line(outcome));
}

/**
 * Runs a step in this process; other stages are processes of their own.
 * @param {string} name
 * @param {() => string} step returns a note; throws where it fails
 */
function step(name, step) {
  const start = performance.now();
  let ok = true;
  let text = '';
  try {
    text = step();
  } catch (error) {
    ok = false;
    text = error instanceof Error ? error.message : String(error);
  }
  const counts = { passed: 0, failed: ok ? 0 : 1, skipped: 0 };
  note({ name, ok, seconds: (performance.now() - start) / 1000, counts, note: text });
  return ok;
}

/**
 * @param {string} project
 * @param {readonly string[]} extra
 * @param {{ seconds: number, log?: string, yielding?: boolean }} options see `stage`
 */
function tests(project, extra, options) {
  const report = `${reports}/${project}.json`;
  const args = ['run', '--project', project, '--passWithNoTests', ...REPORTERS];
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' };
  // No test connects to a server whose certificate is checked, and each of hundreds of processes would read the file.
  delete env['NODE_EXTRA_CA_CERTS'];
  return stage(project, [vitest, ...args, `--outputFile.json=${report}`, ...extra], { ...options, report, env });
}

/**
 * How a stage runs while another, whose output is shown, is under way.
 * @param {string} name
 */
function beside(name) {
  return { log: `${reports}/${name}.log`, yielding: true };
}

rmSync(`${root}${reports}`, { recursive: true, force: true });
const ready = step('install', () => {
  install();
  return '';
});
if (ready) {
  step('tools', () => {
    const missing = provideTools();
    if (missing.length === 0) return '';
    const text = `missing for the interop tests: ${missing.join(', ')} (Debian packages)`;
    if (process.env['CI']) throw new Error(text);
    return `${text}; the suites that need them skip`;
  });
  note(await stage('lint', [`${modules}oxlint/bin/oxlint`, '--type-aware', '--deny-warnings'], { seconds: 120 }));
  note(
    await stage('format', [`${modules}prettier/bin/prettier.cjs`, '--check', '--log-level', 'warn', '.'], {
      seconds: 120,
    }),
  );
  // Pages are checked against a browser's types, programs against Node's.
  for (const [name, project] of /** @type {const} */ ([
    ['types', '.'],
    ['types, window', 'renderer'],
    ['types, ui tests', 'e2e/ui'],
  ])) {
    note(await stage(name, [`${modules}typescript/bin/tsc`, '--noEmit', '-p', project], { seconds: 180 }));
  }
  note(await stage('unused', [`${modules}knip/bin/knip.js`], { seconds: 120 }));
  const built = step('build', () => {
    build();
    return '';
  });
  mkdirSync(`${root}${reports}`, { recursive: true });
  // In the interop tests most of the time is spent waiting for real clients; meanwhile the others use the cores.
  const others = [
    () =>
      tests('unit', ['--coverage', '--coverage.reportsDirectory=coverage/core'], { seconds: 840, ...beside('unit') }),
  ];
  if (built) {
    const packaging = [`${root}build/package.mjs`, '--dir'];
    if (hasElectron(process.env))
      others.push(() => stage('package', packaging, { seconds: 240, ...beside('package') }));
    else say('There is no Electron runtime (ELECTRON_OVERRIDE_DIST_PATH): the tests of the desktop app skip.');
    // Those wait for what people would: they get as much of the cores as the interop tests.
    others.push(() => tests('ui', [], { seconds: 1000, ...beside('ui'), yielding: false }));
  }
  /** @type {import('./stages.mjs').Outcome[]} */
  const told = [];
  const all = (async () => {
    for (const run of others) told.push(await run());
  })();
  if (built) note(await tests('interop', [], { seconds: 1000 }));
  await all;
  for (const outcome of told) {
    process.stdout.write(readFileSync(`${root}${beside(outcome.name).log}`));
    note(outcome);
  }
  step('coverage', () => {
    const file = `${root}coverage/core/coverage-summary.json`;
    const folders = coverageByFolder(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
    const text = [...folders].map(([folder, percent]) => `${folder} ${percent.toFixed(0)}%`).join(', ');
    const low = PURE.filter((folder) => (folders.get(folder) ?? 0) < LEAST_COVERAGE);
    if (low.length > 0) throw new Error(`under ${LEAST_COVERAGE}% of the lines of ${low.join(', ')} ran: ${text}`);
    return `lines of core/ that ran: ${text}`;
  });
}

say('');
for (const outcome of outcomes) console.log(line(outcome));
for (const text of retriedLines(outcomes.flatMap(({ retried = [] }) => retried))) console.log(text);
console.log(summary(outcomes));
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
