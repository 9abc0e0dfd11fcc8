import { axisX, axisY, cell, text } from '@observablehq/plot';
import { drawFigure, type Figure } from './draw.ts';
import type { Interval } from '../statistics/intervals.ts';
import { oneRatioText, ratioText } from './interval.ts';

/** One cell of a sweep over two parameters: what is read at both axes, in one line or several. */
export interface HeatCell extends Interval {
  readonly x: string;
  readonly y: string;
  /** One cannot tell whether it is above or below 1. */
  readonly unsure: boolean;
}

export interface Heat {
  readonly x: string;
  readonly y: string;
  /** What the figures are ratios of. */
  readonly what: string;
  readonly cells: readonly HeatCell[];
}

const HATCH =
  '<pattern id="unsure" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
  '<line y2="7" stroke="#000" stroke-opacity="0.28" stroke-width="1.5"/></pattern>';
const LINE = 14;
/** Of more an interval is wider than its cell. */
const MOST_COLUMNS = 12;

/** A map of ratios: in each cell its figure and interval, and hatched where it may be above or below 1. */
export function heatFigure(name: string, title: string, { x, y, what, cells }: Heat): Figure {
  const most = Math.max(0.05, ...cells.map(({ middle }) => Math.abs(Math.log(middle))));
  const columns = unique(cells.map((one) => one.x));
  const rows = unique(cells.map((one) => one.y));
  const below = LINE * (Math.max(...columns.map(linesOf)) - 1);
  const intervals = columns.length > MOST_COLUMNS ? [] : cells.filter(({ low, high }) => low !== high);
  const frame = { inset: 1 };
  return drawFigure({
    name,
    title,
    description: `${what} by ${x} and ${y}. ${cells.map((one) => `${inLine(one.x)}, ${inLine(one.y)}: ${ratioText(one)}`).join('; ')}.`,
    defs: HATCH,
    parts: [
      {
        height: rows.length * 46 + 76 + below,
        marginLeft: 80,
        marginBottom: 46 + below,
        x: { domain: columns, padding: 0 },
        y: { domain: rows.toReversed(), padding: 0 },
        marks: [
          axisX({ label: x, labelAnchor: 'center', labelArrow: 'none', tickSize: 0 }),
          axisY({ label: y, labelArrow: 'none', tickSize: 0 }),
          cell(cells, { x: 'x', y: 'y', fill: (one: HeatCell) => tint(Math.log(one.middle) / most), ...frame }),
          cell(
            cells.filter(({ unsure }) => unsure),
            { x: 'x', y: 'y', fill: 'url(#unsure)', ...frame },
          ),
          text(cells, {
            ...INK,
            text: (one: HeatCell) => oneRatioText(one.middle),
            dy: intervals.length > 0 ? -7 : 0,
            fontSize: 13,
            fontWeight: 600,
          }),
          text(intervals, {
            ...INK,
            text: ({ low, high }: HeatCell) => `${oneRatioText(low)}\u2013${oneRatioText(high)}`,
            dy: 9,
            fontSize: 10,
          }),
        ],
      },
    ],
  });
}

const INK = { x: 'x', y: 'y', fill: '#111', stroke: '#fff', strokeOpacity: 0.7, strokeWidth: 3 } as const;

/** From blue (-1: below 1) by white to orange (1); always light enough for dark figures on it. */
export function tint(share: number): string {
  const at = Math.max(-1, Math.min(1, Number.isFinite(share) ? share : 0));
  const end = at < 0 ? [106, 168, 222] : [240, 160, 80];
  return `rgb(${end.map((to) => Math.round(250 + (to - 250) * Math.abs(at))).join(', ')})`;
}

const unique = (all: readonly string[]): string[] => [...new Set(all)];
const linesOf = (text: string): number => text.split('\n').length;
const inLine = (text: string): string => text.replaceAll('\n', ': ');
