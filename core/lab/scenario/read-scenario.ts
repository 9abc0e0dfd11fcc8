import * as v from 'valibot';
import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { EnsembleError } from '../../base/errors.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
import { type ArmValues, withValues } from './values.ts';

/** Largest scenario file that is read. */
export const MOST_TEXT = 1 << 20;

/** What is wrong with a scenario. */
export interface Problem {
  /** From 1; undefined: it stands in no line, as a swept value. */
  readonly line: number | undefined;
  /** Such as `seeds.0.up`; empty: the file as a whole. */
  readonly field: string;
  /** What is wrong, to be read after the field. */
  readonly text: string;
}

/** A scenario as it was written. The same values give the same `Scenario`, wherever and whenever that is. */
export interface ScenarioSource {
  /** What it is called where something is wrong with it: a path, or the name of a built-in one. */
  readonly file: string;
  readonly text: string;
}

/** Reads a scenario, with these values in place of its own. Throws EnsembleError('usage') that names line and field. */
export function readScenario(source: ScenarioSource, values: ArmValues = {}): Scenario {
  const { scenario, problems } = checkScenario(source, values);
  const [first] = problems;
  if (scenario !== undefined) return scenario;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more: \`ensemble lab check\` tells them)` : '';
  throw new EnsembleError('usage', `${first === undefined ? source.file : problemText(source.file, first)}${more}.`);
}

/** `flash.yaml:12: seeds.up is no rate: ...` */
export function problemText(file: string, { line, field, text }: Problem): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${field === '' ? 'it' : field} ${text}`;
}

/** All that is wrong with a scenario; nothing: it is there. */
export function checkScenario(
  { text }: ScenarioSource,
  values: ArmValues = {},
): { readonly scenario?: Scenario; readonly problems: readonly Problem[] } {
  if (text.length > MOST_TEXT) return whole(`is longer than ${MOST_TEXT} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: 'core' });
  const lineAt = (offset: number | undefined): number | undefined =>
    offset === undefined ? undefined : lines.linePos(offset).line;
  const problems = document.errors.map((error): Problem => ({
    line: lineAt(error.pos[0]),
    field: '',
    text: `is no YAML: ${error.message}`,
  }));
  if (problems.length > 0) return { problems };
  if (!isMap(document.contents)) return whole('has no fields: begin with `name: ...`');
  let written: unknown;
  try {
    written = document.toJS({ maxAliasCount: 100 });
  } catch {
    return whole('repeats itself by aliases too often');
  }
  const read = v.safeParse(scenarioSchema, withValues(written, values));
  if (read.success) return { scenario: read.output, problems: [] };
  const found = read.issues.map((issue): Problem => {
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    const field = path.join('.');
    const swept = Object.keys(values).some((one) => isWithin(field, one));
    return { line: swept ? undefined : lineAt(offsetOf(document, path)), field, text: sentence(issue) };
  });
  return { problems: found.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

/** Whether a field is the one of a sweep, or below it: `seeds.up` sets it in each group, and `seeds.0` is the one where a list is written as a group. */
function isWithin(field: string, swept: string): boolean {
  const plain = (path: string): string => path.replace(/\.\d+(?=\.|$)/g, '');
  return [
    [field, swept],
    [plain(field), swept],
    [field, plain(swept)],
  ].some(([one, other]) => `${one}.`.startsWith(`${other}.`));
}

const whole = (text: string): { problems: readonly Problem[] } => ({
  problems: [{ line: undefined, field: '', text }],
});

function sentence(issue: v.BaseIssue<unknown>): string {
  const { kind, type, expected, received, message } = issue;
  if (kind === 'schema' && type === 'strict_object') {
    if (expected === 'never') return 'is no field: see docs/lab.md for those that there are';
    if (received === 'undefined') return 'is missing';
    return 'is no group of fields';
  }
  if (kind === 'schema' && type === 'array') return 'is no list';
  const shown = received === 'Object' || received === 'Array' || received === 'unknown' ? '' : ` (${received})`;
  return message.startsWith('is ') ? `${message.replace(/^(is no \w+|is \w+)/, `$1${shown}`)}` : message;
}

/** Where a field stands, or the nearest one around it. */
function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  let node: unknown = document.contents;
  let at: number | undefined;
  for (const key of path) {
    if (!isCollection(node)) break;
    // A list of one group may be written as that group.
    const pair = isMap(node) ? node.items.find((one) => isScalar(one.key) && one.key.value === key) : undefined;
    if (pair !== undefined && isScalar(pair.key)) at = pair.key.range?.[0];
    const next: unknown = isMap(node) && pair === undefined && typeof key === 'number' ? node : node.get(key, true);
    if (next === undefined) break;
    node = next;
    if (pair === undefined && isNode(node)) at = node.range?.[0] ?? at;
  }
  return at;
}
