import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { format } from '../../format/format.ts';
import { HUES } from '../../pieces/palette.ts';
import { hueOf, variable } from '../../stores/theme.ts';
import type { GraphData } from './graph-data.ts';

/** Dashes tell identities apart whose hues repeat. */
const DASHES: readonly number[][] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
/** Least span of the graph, in seconds. */
const SPAN = 60;

/** A graph of speeds in the page's colours; a new one where theme, size or the number of identities changes. */
export function makePlot(place: HTMLElement, data: GraphData, width: number, height: number): uPlot {
  const soft = variable('--ink-2');
  const grid = { stroke: variable('--line-soft'), width: 1 };
  const font = `11px ${variable('--font')}`;
  const identities = data.length - 2;
  return new uPlot(
    {
      width,
      height,
      padding: [10, 8, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 6 }, y: false },
      scales: {
        x: { time: true, range: (_, low, high) => [Math.min(low, high - SPAN), high] },
        y: { range: (_, __, high) => [0, Math.max(1000, high * 1.1)] },
      },
      axes: [
        {
          stroke: soft,
          font,
          grid: { show: false },
          ticks: grid,
          size: 28,
          space: 110,
          values: (_, times) => times.map(timeText),
        },
        { stroke: soft, font, grid, ticks: { show: false }, size: 70, values: (_, rates) => rates.map(format.rate) },
      ],
      series: [
        {},
        { stroke: variable('--ink-3'), width: 1, fill: variable('--hover'), points: { show: false } },
        ...Array.from({ length: identities }, (_, i) => ({
          stroke: hueOf(i),
          width: 1.75,
          dash: DASHES[Math.floor(i / HUES)] ?? [],
          points: { show: false },
        })),
      ],
    },
    data,
    place,
  );
}

const timeText = (seconds: number): string => format.time(new Date(seconds * 1000));
