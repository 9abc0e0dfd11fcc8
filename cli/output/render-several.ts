import type { DownloadSnapshot } from '../../core/engine/engine.ts';
import { plainBar } from './bars.ts';
import { rateText } from '../../core/base/sizes.ts';
import { fit, textWidth } from './printable.ts';
import { type RenderStyle, table, wholeFigures } from './render.ts';
import { fractionOf, STATE_WORDS } from './words.ts';

/** How many sources a command has, how many are over, and how many of these have failed. */
export interface Counts {
  readonly total: number;
  readonly over: number;
  readonly failed: number;
}

/** Downloads under way as lines of a terminal, the first one for all. Pure: same input, same lines. */
export function renderSeveral(
  rows: readonly { readonly name: string; readonly snapshot: DownloadSnapshot }[],
  counts: Counts,
  { width, height, color }: RenderStyle,
): string[] {
  const title = titleLine(rows, counts, width);
  const room = rows.length <= height - 2 ? height - 2 : Math.max(0, height - 3);
  const shown = rows.slice(0, room);
  const longest = Math.max(0, ...shown.map(({ name }) => textWidth(name)));
  const columns = Math.min(longest, Math.max(8, Math.floor(width / 3)));
  const lines = table(
    shown.map(({ name, snapshot }) => ({
      label: padded(fit(name, columns), columns),
      figures: figuresOf(snapshot),
      bar: (room) => plainBar(fractionOf(snapshot), room),
    })),
    width,
  );
  const hidden = rows.length - shown.length;
  const more = hidden > 0 ? [fit(`... and ${hidden} more`, width)] : [];
  return [color ? `\u001b[1m${title}\u001b[0m` : title, ...lines, ...more];
}

function titleLine(
  rows: readonly { readonly snapshot: DownloadSnapshot }[],
  { total, over, failed }: Counts,
  width: number,
): string {
  const sum = (of: (snapshot: DownloadSnapshot) => number): number =>
    rows.reduce((all, { snapshot }) => all + of(snapshot), 0);
  const parts = [
    `${over - failed} of ${total} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(total > over + rows.length ? [`${total - over - rows.length} waiting`] : []),
    `↓ ${rateText(sum(({ rate }) => rate.down))}`,
    `↑ ${rateText(sum(({ rate }) => rate.up))}`,
  ];
  return fit(parts.join(', '), width);
}

/** The last figure says what it does where it does not download. */
function figuresOf(snapshot: DownloadSnapshot): string[] {
  const figures = wholeFigures(snapshot);
  return snapshot.state === 'downloading' ? figures : [...figures.slice(0, 4), STATE_WORDS[snapshot.state]];
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(columns - textWidth(text));
}
