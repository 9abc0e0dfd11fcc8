import { axisX, axisY, dot, gridX, ruleX, ruleY, text } from '@observablehq/plot';
import { drawFigure, type Figure } from './draw.ts';
import type { Interval } from '../statistics/intervals.ts';
import { ratioText } from './interval.ts';
import { lookOf } from './marks.ts';

/** A ratio of what is compared to what it is compared with. */
export interface Ratio extends Interval {
  readonly name: string;
}

/** What it means that a ratio is below or above 1. */
export interface Sides {
  readonly below: string;
  readonly above: string;
}

const ROW = 30;

/** A row for each comparison: the ratio, its interval, and where both are alike (1). */
export function ratioFigure(name: string, title: string, all: readonly Ratio[], { below, above }: Sides): Figure {
  const low = Math.min(0.9, ...all.map((one) => one.low));
  const high = Math.max(1.1, ...all.map((one) => one.high));
  const room = (high - low) * 0.04;
  const longest = Math.max(8, ...all.map((one) => one.name.length));
  const look = lookOf(0);
  return drawFigure({
    name,
    title,
    description: all.map((one) => `${one.name}: ${ratioText(one)}`).join('; '),
    parts: [
      {
        height: all.length * ROW + 70,
        marginLeft: Math.min(340, 20 + longest * 6.4),
        marginRight: 140,
        marginBottom: 42,
        x: { domain: [low - room, high + room] },
        y: { domain: all.map((one) => one.name), type: 'point', padding: 0.6 },
        marks: [
          gridX({ strokeOpacity: 0.12 }),
          ruleX([1], { stroke: 'currentColor', strokeDasharray: '4 3' }),
          axisX({
            ticks: 5,
            label: `← ${below}   ·   ${above} →`,
            labelAnchor: 'center',
            labelArrow: 'none',
          }),
          axisY({ label: null, tickSize: 0 }),
          ruleY(all, { y: 'name', x1: 'low', x2: 'high', stroke: look.colour, strokeWidth: 2.5 }),
          dot(all, { y: 'name', x: 'middle', r: 5, fill: look.colour }),
          text(all, {
            y: 'name',
            frameAnchor: 'right',
            dx: 12,
            textAnchor: 'start',
            text: (one: Ratio) => `×${ratioText(one)}`,
            fill: 'currentColor',
          }),
        ],
      },
    ],
  });
}
