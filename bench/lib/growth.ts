import { axisX, axisY, dot, gridX, gridY, line } from '@observablehq/plot';
import { CHART, drawFigure } from '../../core/lab/figures/draw.ts';
import { legend } from '../../core/lab/figures/legend.ts';
import { lookOf } from '../../core/lab/figures/marks.ts';

/** What something costs at a size. */
export interface Point {
  readonly size: number;
  readonly cost: number;
}

/** Costs by growing size of one thing that there may be many of. */
export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

/**
 * The exponent by which the cost grows: that of the power of the size that fits best what is above the first point, which stands for what
 * it costs anyway. Undefined with fewer than two points that cost more than that.
 */
export function exponentOf({ points }: Curve): number | undefined {
  const [first, ...rest] = points;
  if (first === undefined) return undefined;
  const logs = rest
    .filter(({ size, cost }) => size > first.size && cost > first.cost)
    .map(({ size, cost }) => [Math.log(size - first.size), Math.log(cost - first.cost)] as const);
  if (logs.length < 2) return undefined;
  const mean = (at: 0 | 1): number => logs.reduce((sum, one) => sum + one[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const over = logs.reduce((sum, one) => sum + (one[0] - x) * (one[1] - y), 0);
  const under = logs.reduce((sum, one) => sum + (one[0] - x) ** 2, 0);
  return under === 0 ? undefined : over / under;
}

/** A plot of curves, both axes logarithmic: a straight line of slope 1 grows as the size does. `cost`: what the costs are. */
export function plotOf(curves: readonly Curve[], cost: string): string {
  const shown = curves.filter(({ points }) => points.length > 0);
  const names = shown.map((curve) => {
    const exponent = exponentOf(curve);
    return exponent === undefined ? curve.name : `${curve.name}: exponent ${exponent.toFixed(2)}`;
  });
  return drawFigure({
    name: 'growth',
    title: 'How cost grows',
    description: `${cost} by how many there are, both logarithmic. ${names.join('; ')}.`,
    parts: [
      legend(names),
      {
        ...CHART,
        x: { type: 'log' },
        y: { type: 'log' },
        marks: [
          gridX({ strokeOpacity: 0.12 }),
          gridY({ strokeOpacity: 0.12 }),
          axisX({ ticks: 6, tickFormat: ',d', label: 'how many', labelAnchor: 'center', labelArrow: 'none' }),
          axisY({ ticks: 5, tickFormat: '~g', label: cost, labelArrow: 'none' }),
          ...shown.flatMap(({ points }, i) => {
            const { colour, dash, symbol } = lookOf(i);
            const at = points.map((point) => [point.size, point.cost] as const);
            return [
              line(at, { stroke: colour, strokeWidth: 2, strokeDasharray: dash }),
              dot(at, { symbol, r: 4, fill: colour, stroke: colour }),
            ];
          }),
        ],
      },
    ],
  }).svg;
}
