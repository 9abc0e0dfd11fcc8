import { axisX, axisY, dot, gridY, line, ruleX, ruleY } from '@observablehq/plot';
import { CHART, drawFigure, type Figure } from './draw.ts';
import { legend } from './legend.ts';
import { lookOf } from './marks.ts';
import type { Interval } from '../statistics/intervals.ts';
import { ratioText } from './interval.ts';

/** How many times as fast the user is with K identities as with one, for each K that was run. */
export interface Gains {
  readonly name: string;
  readonly points: readonly (Interval & { readonly k: number })[];
}

/** Gain over K with intervals; the series stand a little beside each other so that intervals do not cover one another. */
export function gainFigure(name: string, title: string, all: readonly Gains[]): Figure {
  const ks = [...new Set(all.flatMap(({ points }) => points.map(({ k }) => k)))].toSorted((a, b) => a - b);
  const top = Math.max(1.2, ...all.flatMap(({ points }) => points.map(({ high }) => high)));
  const place = (k: number, i: number): number => ks.indexOf(k) + (i - (all.length - 1) / 2) * 0.08;
  return drawFigure({
    name,
    title,
    description: all
      .map((one) => `${one.name}: ${one.points.map((p) => `K = ${p.k}: ${ratioText(p)}`).join(', ')}`)
      .join('. '),
    parts: [
      legend(all.map((one) => one.name)),
      {
        ...CHART,
        x: { domain: [-0.5, ks.length - 0.5] },
        y: { domain: [0, top * 1.05], nice: true },
        marks: [
          gridY({ strokeOpacity: 0.12 }),
          ruleY([1], { stroke: 'currentColor', strokeDasharray: '4 3' }),
          axisX({
            label: 'identities (K)',
            labelAnchor: 'center',
            labelArrow: 'none',
            ticks: ks.map((_, i) => i),
            tickFormat: (i: number) => String(ks[i] ?? ''),
          }),
          axisY({ label: 'times as fast as with the fewest', labelArrow: 'none' }),
          ...all.flatMap(({ points }, i) => {
            const look = lookOf(i);
            const at = points.map((point) => ({ ...point, x: place(point.k, i) }));
            return [
              line(at, { x: 'x', y: 'middle', stroke: look.colour, strokeWidth: 1.5, strokeDasharray: look.dash }),
              ruleX(at, { x: 'x', y1: 'low', y2: 'high', stroke: look.colour, strokeWidth: 2 }),
              dot(at, { x: 'x', y: 'middle', symbol: look.symbol, r: 4.5, fill: look.colour, stroke: look.colour }),
            ];
          }),
        ],
      },
    ],
  });
}
