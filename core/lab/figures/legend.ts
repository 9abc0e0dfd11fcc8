import { dot, line, text, type PlotOptions } from '@observablehq/plot';
import { WIDTH } from './draw.ts';
import { lookOf } from './marks.ts';

const ROW = 20;
const SAMPLE = 34;
/** Pixels that a letter takes on average. */
const LETTER = 6.6;

/** A drawing that names series: a piece of each one's line with its symbol. `lines: false`: symbols alone. */
export function legend(names: readonly string[], lines = true): PlotOptions {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  const columns = Math.max(1, Math.min(names.length, Math.floor(WIDTH / (SAMPLE + 24 + longest * LETTER))));
  const column = WIDTH / columns;
  const rows = Math.ceil(names.length / columns);
  const placed = names.map((name, i) => ({
    name,
    x: (i % columns) * column,
    y: (Math.floor(i / columns) + 0.5) * ROW,
    look: lookOf(i),
  }));
  return {
    height: rows * ROW + 6,
    margin: 0,
    x: { domain: [0, WIDTH], range: [0, WIDTH], axis: null },
    y: { domain: [0, rows * ROW], range: [0, rows * ROW], axis: null },
    marks: placed.flatMap(({ name, x, y, look }) => [
      lines
        ? line(
            [
              [x + 2, y],
              [x + SAMPLE, y],
            ],
            { stroke: look.colour, strokeWidth: 2, strokeDasharray: look.dash },
          )
        : null,
      dot([[x + SAMPLE / 2 + 1, y]], { symbol: look.symbol, r: 4, fill: look.colour, stroke: look.colour }),
      text([[x + SAMPLE + 8, y]], { text: [name], textAnchor: 'start', fill: 'currentColor' }),
    ]),
  };
}
