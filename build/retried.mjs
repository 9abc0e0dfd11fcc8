// A vitest reporter that lists the tests that failed at first and were run again, and what each of them had waited for.

/**
 * @param {{ title: string, waitedFor: string }} retried
 * @returns {string}
 */
const sentence = ({ title, waitedFor }) => `${title}: ${waitedFor}`;

/**
 * One sentence for each retried test in a vitest JSON report that was written in a run with this reporter.
 * @param {unknown} report
 * @returns {string[]}
 */
export function retriedOf(report) {
  const files = /** @type {any} */ (report)?.testResults;
  if (!Array.isArray(files)) return [];
  return files
    .flatMap((file) => (Array.isArray(file?.assertionResults) ? file.assertionResults : []))
    .map((test) => test?.meta?.retried)
    .filter((retried) => typeof retried?.title === 'string' && typeof retried.waitedFor === 'string')
    .map(sentence);
}

/**
 * The closing lines about retried tests; empty if there were none.
 * @param {readonly string[]} retried
 * @returns {string[]}
 */
export function retriedLines(retried) {
  return retried.length === 0 ? [] : ['Run a second time:', ...retried.map((one) => `  ${one}`)];
}

/** @typedef {import('vitest/node').Reporter} Reporter */
/** @typedef {import('vitest/node').TestCase} TestCase */

/** @implements {Reporter} */
export default class RetriedReporter {
  /** @type {string[]} */
  #retried = [];

  /** @param {TestCase} test */
  onTestCaseResult(test) {
    if ((test.diagnostic()?.retryCount ?? 0) === 0) return;
    const [first = ''] = (test.result().errors?.[0]?.message ?? 'no message').split('\n');
    const retried = { title: test.fullName, waitedFor: first.trim() };
    // The JSON report contains a test's meta, and this with it.
    Object.assign(test.meta(), { retried });
    this.#retried.push(sentence(retried));
  }

  onTestRunEnd() {
    for (const line of retriedLines(this.#retried)) console.log(line);
  }
}
