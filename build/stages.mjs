import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { retriedOf } from './retried.mjs';
import { root } from './setup.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, ok: boolean, seconds: number, counts: Counts, note: string, figures?: readonly string[], retried?: readonly string[] }} Outcome */

/**
 * What a vitest JSON report says. A file that could not even be loaded counts as one failure.
 * @param {unknown} report
 * @returns {Counts}
 */
export function countsOf(report) {
  const r = /** @type {Record<string, unknown>} */ (typeof report === 'object' && report !== null ? report : {});
  /** @param {string} key */
  const number = (key) => {
    const value = r[key];
    return typeof value === 'number' ? value : 0;
  };
  const files = Array.isArray(r['testResults']) ? r['testResults'] : [];
  const unloaded = files.filter((f) => f?.status === 'failed' && f?.assertionResults?.length === 0).length;
  return {
    passed: number('numPassedTests'),
    failed: number('numFailedTests') + unloaded,
    skipped: number('numPendingTests') + number('numTodoTests'),
  };
}

/**
 * The figures that tests left in a vitest JSON report (`figure` in core/sim/acceptance.ts).
 * @param {unknown} report
 * @returns {string[]}
 */
export function figuresOf(report) {
  const files = /** @type {any} */ (report)?.testResults;
  if (!Array.isArray(files)) return [];
  /** @type {Map<string, number[]>} */
  const found = new Map();
  for (const test of files.flatMap((file) => (Array.isArray(file?.assertionResults) ? file.assertionResults : []))) {
    const { name, value } = test?.meta?.figure ?? {};
    if (typeof name !== 'string') continue;
    const values = found.get(name) ?? [];
    if (typeof value === 'number') values.push(value);
    found.set(name, values);
  }
  return [...found].map(([name, values]) => {
    if (values.length < 2) return [name, ...values].join(': ');
    return `${name}: ${Math.min(...values)} to ${Math.max(...values)} in ${values.length} tests`;
  });
}

/**
 * Share of the lines of each folder of core/ that ran, in percent, from v8's `coverage-summary.json`.
 * @param {unknown} summary
 * @returns {Map<string, number>}
 */
export function coverageByFolder(summary) {
  /** @type {Map<string, { total: number, covered: number }>} */
  const sums = new Map();
  for (const [file, { lines }] of Object.entries(/** @type {Record<string, any>} */ (summary ?? {}))) {
    const folder = /\bcore[\\/]([^\\/]+)[\\/]/.exec(file)?.[1];
    if (folder === undefined) continue;
    const sum = sums.get(folder) ?? { total: 0, covered: 0 };
    sums.set(folder, { total: sum.total + lines.total, covered: sum.covered + lines.covered });
  }
  return new Map(
    [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([folder, { total, covered }]) => [folder, (100 * covered) / Math.max(1, total)]),
  );
}

/**
 * The last line of a run.
 * @param {readonly Outcome[]} outcomes
 */
export function summary(outcomes) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const { counts } of outcomes) {
    passed += counts.passed;
    failed += counts.failed;
    skipped += counts.skipped;
  }
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Put before a command that is to give way to others: all its threads get a third of the usual share of a core. */
const YIELDING = process.platform === 'win32' ? [] : ['nice', '-n', '5'];

/**
 * Runs one stage to its end, with its output shown or written to a file. If it fails without a failed test, it counts as one failure.
 * @param {string} name
 * @param {readonly string[]} command arguments to this Node
 * @param {{ seconds: number, report?: string, log?: string, env?: NodeJS.ProcessEnv, yielding?: boolean }} options time
 * limit; where vitest writes its JSON report; where the output goes (undefined: it is shown); whether it gives way to others
 * @returns {Promise<Outcome>}
 */
export async function stage(name, command, { seconds, report, log, env = process.env, yielding = false }) {
  const start = performance.now();
  if (report !== undefined) rmSync(path.join(root, report), { force: true });
  const output = log === undefined ? 'inherit' : openSync(path.join(root, log), 'w');
  const [program = '', ...args] = [...(yielding ? YIELDING : []), process.execPath, ...command];
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', output, output] });
  if (typeof output === 'number') closeSync(output);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  }, seconds * 1000);
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (status) => resolve(status ?? 1));
  });
  clearTimeout(limit);
  const file = report === undefined ? undefined : path.join(root, report);
  /** @type {unknown} */
  const found = file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const counts = countsOf(found);
  const ok = code === 0 && counts.failed === 0;
  if (!ok && counts.failed === 0) counts.failed = 1;
  const note = late ? `stopped after ${seconds} s` : '';
  const told = { figures: figuresOf(found), retried: retriedOf(found) };
  return { name, ok, seconds: (performance.now() - start) / 1000, counts, note, ...told };
}

/**
 * One line of the closing table.
 * @param {Outcome} outcome
 */
export function line({ name, ok, seconds, counts, note }) {
  const tests =
    counts.passed + counts.failed + counts.skipped > 1 ? summary([{ name, ok, seconds, counts, note }]) : '';
  const parts = [ok ? 'ok    ' : 'FAILED', name.padEnd(14), `${seconds.toFixed(1)} s`.padStart(8), tests, note];
  return parts.filter((part) => part !== '').join('  ');
}
