import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './setup.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ name: string, ok: boolean, seconds: number, counts: Counts, note: string }} Outcome */

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

/**
 * Runs one stage to its end, with its output shown. A stage that fails without a failed test counts as one failure.
 * @param {string} name
 * @param {readonly string[]} command arguments to this Node
 * @param {{ seconds: number, report?: string, env?: NodeJS.ProcessEnv }} options time limit; where vitest leaves its JSON
 * @returns {Promise<Outcome>}
 */
export async function stage(name, command, { seconds, report, env = process.env }) {
  const start = performance.now();
  const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
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
  const counts =
    file !== undefined && existsSync(file)
      ? countsOf(JSON.parse(readFileSync(file, 'utf8')))
      : { passed: 0, failed: 0, skipped: 0 };
  const ok = code === 0 && counts.failed === 0;
  if (!ok && counts.failed === 0) counts.failed = 1;
  const note = late ? `stopped after ${seconds} s` : '';
  return { name, ok, seconds: (performance.now() - start) / 1000, counts, note };
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
