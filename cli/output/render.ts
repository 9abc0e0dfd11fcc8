import { counted } from '../../core/base/counted.ts';
import type { DownloadSnapshot, IdentitySnapshot, PieceMapSnapshot } from '../../core/engine/engine.ts';
import type { Cell } from './bars.ts';
import { cellCharacter, pieceBars, plainBar } from './bars.ts';
import { formatDuration, formatPercent } from './format.ts';
import { rateText, sizeText } from '../../core/base/sizes.ts';
import { fit, printable, textWidth } from './printable.ts';
import { fractionOf, identityWords, STATE_WORDS } from './words.ts';

export interface RenderStyle {
  /** Most columns of a line. */
  readonly width: number;
  /** Most lines. */
  readonly height: number;
  readonly color: boolean;
}

/** Colours of identities in turn (SGR), chosen so that neighbours differ on dark and light backgrounds. */
const COLORS = [36, 33, 35, 32, 34, 31, 96, 93, 95, 92, 94, 91] as const;
const LEAST_BAR = 10;
/** The order in which a row's figures are dropped where the terminal is narrow, by column. */
const DROPPED_FIRST = [3, 2, 4, 0, 1] as const;

export interface Row {
  readonly label: string;
  /** Share or pieces, down, up, peers, time left or state. */
  readonly figures: readonly string[];
  readonly bar: (width: number) => string;
}

/** A download as lines of a terminal. Pure: same input, same lines. */
export function render(
  snapshot: DownloadSnapshot,
  map: PieceMapSnapshot | undefined,
  { width, height, color }: RenderStyle,
): string[] {
  const title = titleLine(snapshot, width, color);
  const several = snapshot.identities.length > 1;
  // Three lines are for the title, the whole and the cursor; where not all rows fit, one more says so.
  const room = snapshot.identities.length <= height - 3 ? height - 3 : Math.max(0, height - 4);
  const shown = several ? snapshot.identities.slice(0, room) : [];
  const hidden = several ? snapshot.identities.length - shown.length : 0;
  // All rows have bars of one width, so one pass over the pieces serves them all.
  let bars: ReturnType<typeof pieceBars> | undefined;
  const barsOf = (columns: number) =>
    map === undefined
      ? undefined
      : (bars ??= pieceBars(map, 1 + Math.max(0, ...shown.map(({ index }) => index)), columns));
  const piecesShown = map !== undefined && map.pieces.length > 0 && snapshot.work === undefined;

  const rows: Row[] = [
    {
      label: '',
      figures: wholeFigures(snapshot),
      bar: (columns) =>
        piecesShown ? paint(barsOf(columns)?.whole ?? [], color) : plainBar(fractionOf(snapshot), columns),
    },
    ...shown.map((identity) => ({
      label: String(identity.index + 1),
      figures: identityFigures(identity),
      bar: (columns: number) =>
        piecesShown ? paint(barsOf(columns)?.identities[identity.index] ?? [], color) : ' '.repeat(columns),
    })),
  ];
  const lines = [title, ...table(rows, width)];
  if (hidden > 0) lines.push(fit(`... and ${hidden} more`, width));
  return lines;
}

function titleLine(snapshot: DownloadSnapshot, width: number, color: boolean): string {
  const amount =
    snapshot.bytes.wanted === 0 ? '' : `  ${sizeText(snapshot.bytes.have)} of ${sizeText(snapshot.bytes.wanted)}`;
  const state = `${STATE_WORDS[snapshot.state]}${amount}`;
  const nameRoom = width - textWidth(state) - 2;
  if (nameRoom < 8) return fit(state, width);
  const name = fit(printable(snapshot.name), nameRoom);
  const gap = ' '.repeat(width - textWidth(name) - textWidth(state));
  return color ? `\u001b[1m${name}\u001b[0m${gap}${state}` : `${name}${gap}${state}`;
}

/** Share, down, up, peers, time left. */
export function wholeFigures(snapshot: DownloadSnapshot): string[] {
  const { state, bytes, work } = snapshot;
  const known = work === undefined ? formatPercent(bytes.have, bytes.wanted) : formatPercent(fractionOf(snapshot), 1);
  const share = state === 'metadata' ? '' : known;
  return [
    share,
    `↓ ${rateText(snapshot.rate.down)}`,
    `↑ ${rateText(snapshot.rate.up)}`,
    counted(snapshot.peers, 'peer'),
    snapshot.timeLeft === undefined ? '' : `${formatDuration(snapshot.timeLeft)} left`,
  ];
}

function identityFigures(identity: IdentitySnapshot): string[] {
  return [
    String(identity.pieces),
    `↓ ${rateText(identity.rate.down)}`,
    `↑ ${rateText(identity.rate.up)}`,
    counted(identity.peers, 'peer'),
    identityWords(identity),
  ];
}

/** Bars and figures in columns; figures are dropped until the bars have room. */
export function table(rows: readonly Row[], width: number): string[] {
  const labelWidth = Math.max(0, ...rows.map(({ label }) => textWidth(label)));
  const labelColumns = labelWidth === 0 ? 0 : labelWidth + 1;
  const columns = [0, 1, 2, 3, 4].map((c) => Math.max(...rows.map(({ figures }) => textWidth(figures[c] ?? ''))));
  const kept = new Set([0, 1, 2, 3, 4].filter((c) => (columns[c] ?? 0) > 0));
  const barWidth = () => [...kept].reduce((left, c) => left - (columns[c] ?? 0) - 2, width - labelColumns);
  for (const c of DROPPED_FIRST) if (barWidth() < LEAST_BAR) kept.delete(c);
  const bar = Math.max(1, barWidth());
  return rows.map(({ label, figures, bar: draw }) => {
    let line = labelColumns === 0 ? '' : `${' '.repeat(labelWidth - textWidth(label))}${label} `;
    line += draw(bar);
    for (const c of kept) {
      const text = figures[c] ?? '';
      const pad = ' '.repeat((columns[c] ?? 0) - textWidth(text));
      line += `  ${c === 4 ? text + pad : pad + text}`;
    }
    return line;
  });
}

/** Cells as characters on a shaded background, in the colours of the identities that fetched them. */
function paint(cells: readonly Cell[], color: boolean): string {
  if (!color) return cells.map(cellCharacter).join('');
  let out = '';
  let current = '';
  for (const cell of cells) {
    const code = `\u001b[0;48;5;237${cell.owner === undefined ? '' : `;${COLORS[cell.owner % COLORS.length]}`}m`;
    if (code !== current) out += code;
    current = code;
    out += cellCharacter(cell);
  }
  return `${out}\u001b[0m`;
}
