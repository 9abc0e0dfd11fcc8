import { type Command, Option } from 'commander';
import { counted } from '../../core/base/counted.ts';
import type { DownloadState } from '../../core/engine/engine.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { formatDuration, formatPercent } from '../output/format.ts';
import { rateText, sizeText } from '../../core/base/sizes.ts';
import { fit, printable } from '../output/printable.ts';
import { addRunning, type RunningFlags } from '../running.ts';
import { type Listed, listAll, withPrograms } from './programs.ts';
import { lineFields, stateText } from './words.ts';

const FETCHES: ReadonlySet<DownloadState> = new Set(['metadata', 'downloading']);
const IS_WHOLE: ReadonlySet<DownloadState> = new Set(['complete', 'assembling', 'seeding', 'done']);

/** What `--only` may say. */
const FILTERS: Readonly<Record<string, (one: Listed['line']) => boolean>> = {
  active: ({ rate }) => rate.down > 0 || rate.up > 0,
  downloading: ({ state }) => FETCHES.has(state),
  seeding: ({ state }) => state === 'seeding',
  done: ({ state }) => IS_WHOLE.has(state),
  paused: ({ state }) => state === 'paused',
  queued: ({ state }) => state === 'queued',
  stalled: ({ stall }) => stall !== undefined,
  failed: ({ error }) => error !== undefined,
};

interface ListFlags extends RunningFlags {
  readonly only?: string;
  readonly category?: string;
  readonly tag?: string;
  readonly json?: boolean;
}

export function defineList(program: Command): Command {
  const command = program
    .command('list')
    .description('the downloads of a program that runs')
    .argument('[text...]', 'only those whose names bear one of these texts')
    .addOption(new Option('--only <state>', 'only those in this state').choices(Object.keys(FILTERS)))
    .option('--category <name>', 'only those of this category')
    .option('--tag <name>', 'only those with this tag');
  return addJson(addRunning(command));
}

export async function list(context: Context, texts: readonly string[], flags: ListFlags): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  await withPrograms(context, flags, async (programs) => {
    const found = (await listAll(programs)).filter((one) => isAsked(one, texts, flags));
    const rows = flags.json === true ? [] : table(found, context.out.isTTY === true ? context.out.columns : undefined);
    if (flags.json === true) for (const one of found) reporter.result({ event: 'download', ...lineFields(one) }, '');
    const down = Math.round(found.reduce((sum, { line }) => sum + line.rate.down, 0));
    const up = Math.round(found.reduce((sum, { line }) => sum + line.rate.up, 0));
    const sum = `${counted(found.length, 'download')}, down ${rateText(down)}, up ${rateText(up)}`;
    reporter.result({ event: 'list', downloads: found.length, down, up }, [...rows, sum].join('\n'));
  });
  reporter.close();
}

function isAsked({ line }: Listed, texts: readonly string[], { only, category, tag }: ListFlags): boolean {
  const name = line.name.toLowerCase();
  return (
    (texts.length === 0 || texts.some((text) => name.includes(text.toLowerCase()))) &&
    (only === undefined || FILTERS[only]?.(line) === true) &&
    (category === undefined || line.options.category === category) &&
    (tag === undefined || line.options.tags.includes(tag))
  );
}

/** Columns in the order in which a narrow terminal goes without them, so that names are seen. */
const DROPPED_FIRST = [5, 4, 2, 3] as const;
/** Columns that a name and a state should have. */
const ROOM = 42;
const WIDEST_STATE = 28;
const GAP = '  ';

/** Rows as wide as the terminal, where there is one; scripts and logs get names and reasons whole. */
function table(all: readonly Listed[], width: number | undefined): readonly string[] {
  if (all.length === 0) return [];
  const rows = [['#', 'Done', 'Size', 'Down', 'Up', 'Left'], ...all.map(figures)];
  const states = ['State', ...all.map((one) => printable(stateText(one)))];
  const names = ['Name', ...all.map(({ line }) => printable(line.name))];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  const shown = new Set(widths.keys());
  const taken = (): number => [...shown].reduce((sum, column) => sum + (widths[column] ?? 0) + GAP.length, 0);
  for (const column of DROPPED_FIRST) if (width !== undefined && taken() + ROOM > width) shown.delete(column);
  const stateWidth = Math.min(
    WIDEST_STATE,
    states.reduce((most, state) => Math.max(most, state.length), 0),
  );
  return rows.map((row, at) => {
    const cells = [...shown].map((column) => (row[column] ?? '').padStart(widths[column] ?? 0));
    const state = states[at] ?? '';
    const cut = width === undefined ? state : fit(state, stateWidth);
    const text = [...cells, cut.padEnd(stateWidth), names[at] ?? ''].join(GAP);
    return width === undefined ? text : fit(text, width - 1);
  });
}

function figures({ number, line }: Listed): string[] {
  const { bytes, rate, timeLeft } = line;
  return [
    String(number),
    bytes.wanted === 0 ? '' : formatPercent(bytes.have, bytes.wanted),
    bytes.wanted === 0 ? '' : sizeText(bytes.wanted),
    rate.down > 0 ? rateText(rate.down) : '',
    rate.up > 0 ? rateText(rate.up) : '',
    timeLeft === undefined ? '' : formatDuration(timeLeft),
  ];
}
