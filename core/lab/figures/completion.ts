import { axisX, axisY, dot, gridX, gridY, line } from '@observablehq/plot';
import { CHART, drawFigure, type Figure } from './draw.ts';
import { legend } from './legend.ts';
import { lookOf } from './marks.ts';

/** When each of several peers had everything, seconds; `null`: not within the time that there was. */
export interface Completions {
  readonly name: string;
  readonly seconds: readonly (number | null)[];
}

/** As many as the eye tells apart, and as do not cover the line. */
const MOST_STEPS = 1000;
const MOST_SYMBOLS = 9;

type Point = readonly [seconds: number, share: number];

/** Where the distribution of one series steps: the share of all that were done by then. */
export function stepsOf(seconds: readonly (number | null)[]): Point[] {
  const done = seconds.filter((value) => value !== null).toSorted((a, b) => a - b);
  return done.map((value, i): Point => [value, (i + 1) / seconds.length]);
}

/** Distributions of the time to completion, one stepped line a series; what never was done keeps its line below 100%. */
export function completionFigure(name: string, title: string, all: readonly Completions[]): Figure {
  // They may be hundreds of thousands, too many for the arguments of a call.
  const last = all.flatMap(({ seconds }) => seconds).reduce<number>((most, value) => Math.max(most, value ?? 0), 1);
  const series = all.map(({ seconds }, i) => ({ steps: stepsOf(seconds), look: lookOf(i) }));
  return drawFigure({
    name,
    title,
    description: `Share of those who had everything after so many seconds, for ${all.map((one) => one.name).join('; ')}.`,
    parts: [
      legend(all.map((one) => one.name)),
      {
        ...CHART,
        x: { domain: [0, last * 1.03], nice: true },
        y: { domain: [0, 1], percent: false },
        marks: [
          gridX({ strokeOpacity: 0.12 }),
          gridY({ strokeOpacity: 0.12 }),
          axisX({ label: 'seconds since they came', labelAnchor: 'center', labelArrow: 'none' }),
          axisY({ label: 'have everything', tickFormat: '.0%', labelArrow: 'none' }),
          ...series.flatMap(({ steps, look }) => [
            line(drawnSteps(thinned(steps, MOST_STEPS), last * 1.03), {
              stroke: look.colour,
              strokeWidth: 2,
              strokeDasharray: look.dash,
              curve: 'step-after',
            }),
            dot(thinned(steps, MOST_SYMBOLS), { symbol: look.symbol, r: 4, fill: look.colour, stroke: look.colour }),
          ]),
        ],
      },
    ],
  });
}

/** From the bottom, and where some never were done to the right edge. */
function drawnSteps(steps: readonly Point[], edge: number): Point[] {
  const share = steps.at(-1)?.[1] ?? 0;
  return [[steps[0]?.[0] ?? 0, 0], ...steps, ...(share === 1 ? [] : [[edge, share] as const])];
}

/** At most so many of them, first and last included. */
function thinned(steps: readonly Point[], most: number): Point[] {
  if (steps.length <= most) return [...steps];
  return Array.from({ length: most }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (most - 1))]).filter(
    (point) => point !== undefined,
  );
}
