import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError } from '../../core/base/errors.ts';
import { comparisonOf, type NamedResults, type Report, reportOf } from '../../core/lab/report/report.ts';
import { readResults, type Results, RESULTS_FILE } from '../../core/lab/results.ts';
import { diskError } from '../../core/ports/system-error.ts';
import { type Context, resolvePath } from '../context.ts';
import { chooseReporter } from '../output/choose.ts';
import type { LabFlags } from './flags.ts';
import { oneName } from './names.ts';

/** `lab report`: a page and its figures, of the results in a folder. */
export async function writeReport(context: Context, names: readonly string[], flags: LabFlags): Promise<void> {
  const name = oneName(names, 'Name one folder with results: `ensemble lab report DIR`.');
  const folder = resolvePath(context, name);
  const results = await resultsIn(folder);
  const out = flags.output === undefined ? folder : resolvePath(context, flags.output);
  await write(context, flags, out, reportOf(results));
}

/** `lab compare`: the same of two folders, of which the first is what the second is compared with. */
export async function writeComparison(context: Context, names: readonly string[], flags: LabFlags): Promise<void> {
  const [before, after, ...more] = names;
  if (before === undefined || after === undefined || more.length > 0)
    throw new EnsembleError('usage', 'Name two folders with results: `ensemble lab compare BEFORE AFTER`.');
  const [one, other] = await Promise.all([
    resultsIn(resolvePath(context, before)),
    resultsIn(resolvePath(context, after)),
  ]);
  if (!one.runs.some(({ arm, seed }) => other.runs.some((run) => run.arm.label === arm.label && run.seed === seed)))
    throw new EnsembleError(
      'usage',
      `${before} and ${after} have no run of the same arm and seed: nothing to compare.`,
    );
  const [first, second] = namesOf(before, after);
  const out = resolvePath(context, flags.output ?? `compare-${path.basename(before)}-${path.basename(after)}`);
  const report = comparisonOf(named(first, one), named(second, other));
  await write(context, flags, out, report);
}

const named = (name: string, results: Results): NamedResults => ({ name, results });

/** The folders' names, or as they were typed where these are the same. */
function namesOf(before: string, after: string): [string, string] {
  const short: [string, string] = [path.basename(before), path.basename(after)];
  return short[0] === short[1] ? [before, after] : short;
}

async function resultsIn(folder: string): Promise<Results> {
  const file = path.join(folder, RESULTS_FILE);
  let data: string;
  try {
    data = await readFile(file, 'utf8');
  } catch (error) {
    throw diskError('read', file, error);
  }
  const results = readResults(file, data);
  if (results.runs.length === 0) throw new EnsembleError('usage', `${file} has no run yet: nothing to report.`);
  return results;
}

async function write(context: Context, flags: LabFlags, out: string, report: Report): Promise<void> {
  const page = path.join(out, 'report.html');
  const figures = path.join(out, 'figures');
  try {
    await mkdir(figures, { recursive: true });
    for (const { name, svg } of report.figures) await writeFile(path.join(figures, `${name}.svg`), svg);
    await writeFile(page, report.html);
  } catch (error) {
    throw diskError('write', page, error);
  }
  const files = report.figures.map(({ name }) => path.join(figures, `${name}.svg`));
  const reporter = chooseReporter(context, flags.json === true);
  reporter.result({ event: 'report', page, figures: files }, `${page}\n${files.length} figures in ${figures}`);
}
