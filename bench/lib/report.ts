import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Metric, Result, Series } from './result.ts';
import { median } from '../../core/lab/statistics/intervals.ts';
import { valuesOf } from './result.ts';

const BEGIN = '<!-- results: made by `npm run bench`, not by hand -->';
const END = '<!-- end of results -->';

/** Stores a result with the earlier ones, and writes the tables of RESULTS.md anew from all of them. */
export function keep(result: Result, folder: string, document: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${result.name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  const all = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Result);
  const text = existsSync(document) ? readFileSync(document, 'utf8') : '# Results\n';
  const before = text.includes(BEGIN) ? text.slice(0, text.indexOf(BEGIN)) : `${text.trimEnd()}\n\n`;
  const after = text.includes(END) ? text.slice(text.indexOf(END) + END.length) : '\n';
  writeFileSync(document, `${before}${BEGIN}\n\n${all.map(section).join('\n')}\n${END}${after}`);
}

function section(result: Result): string {
  const facts = [...Object.entries(result.machine), ...Object.entries(result.options)]
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
  return `### ${result.name}: ${result.title}\n\n${result.at}; ${facts}.\n\n${tableOf(result)}\n`;
}

/** The ratios first (the first subject of the group divided by this one), then medians with minimum and maximum. */
export function tableOf(result: Result): string {
  const { metrics, series } = result;
  const ratios = metrics.filter((metric) => metric.ratio === true);
  const head = [
    'work',
    'who',
    ...ratios.map((metric) => `${metric.name}: first / this`),
    ...metrics.map((metric) => (metric.unit === '' ? metric.name : `${metric.name}, ${metric.unit}`)),
    'runs',
  ];
  const rows = series.map((one) => {
    const first = series.find((other) => other.group === one.group);
    return [
      one.group,
      one.subject,
      ...ratios.map((metric) => ratio(metric, first, one)),
      ...metrics.map((metric) => cell(metric, one)),
      one.failed === 0 ? String(one.samples.length) : `${one.samples.length}, ${one.failed} failed`,
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function ratio(metric: Metric, first: Series | undefined, one: Series): string {
  if (first === undefined || first === one) return '';
  const value = median(valuesOf(first, metric.name)) / median(valuesOf(one, metric.name));
  return Number.isFinite(value) ? `**${value.toFixed(2)}**` : '';
}

function cell(metric: Metric, one: Series): string {
  const values = valuesOf(one, metric.name);
  if (values.length === 0) return '';
  const show = (value: number): string => value.toFixed(metric.digits);
  if (values.length === 1) return show(values[0] ?? 0);
  return `${show(median(values))} (${show(Math.min(...values))}-${show(Math.max(...values))})`;
}
