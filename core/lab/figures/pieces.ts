import { axisX, axisY, dot, gridX, ruleX, text } from '@observablehq/plot';
import { CHART, drawFigure, type Figure } from './draw.ts';
import { legend } from './legend.ts';
import { lookOf } from './marks.ts';

/** A piece that an identity (from 0) verified, seconds after the user came. */
export interface FetchedPiece {
  readonly seconds: number;
  readonly identity: number;
  readonly piece: number;
}

/** Which identity fetched which piece when, with the moment at which each had fetched its last one. */
export function piecesFigure(name: string, title: string, pieces: readonly FetchedPiece[]): Figure {
  const identities = [...new Set(pieces.map(({ identity }) => identity))].toSorted((a, b) => a - b);
  const groups = identities.map((identity) => {
    const own = pieces.filter((one) => one.identity === identity);
    return { identity, own, end: Math.max(...own.map(({ seconds }) => seconds)) };
  });
  const names = groups.map(({ identity, own }) => `identity ${identity + 1}: ${own.length} pieces`);
  const top = Math.max(1, ...pieces.map(({ piece }) => piece));
  return drawFigure({
    name,
    title,
    description: `Pieces by the time at which they were there. ${groups
      .map(({ end }, i) => `${names[i] ?? ''}, the last after ${end.toFixed(1)} s`)
      .join('; ')}.`,
    parts: [
      legend(names, false),
      {
        ...CHART,
        height: 330,
        marginTop: 24,
        x: { domain: [0, Math.max(1, ...groups.map(({ end }) => end)) * 1.02] },
        y: { domain: [0, top], nice: true },
        marks: [
          gridX({ strokeOpacity: 0.12 }),
          axisX({ label: 'seconds since the user came', labelAnchor: 'center', labelArrow: 'none' }),
          axisY({ label: 'piece', labelArrow: 'none', tickFormat: 'd' }),
          ...groups.flatMap(({ own, end }, i) => {
            const look = lookOf(i);
            return [
              ruleX([end], { stroke: look.colour, strokeDasharray: '2 3', strokeOpacity: 0.8 }),
              text([[end, top]], { text: [String(i + 1)], dy: -12 - 9 * (i % 2), fill: look.colour }),
              dot(own, { x: 'seconds', y: 'piece', symbol: look.symbol, r: 2.2, fill: look.colour }),
            ];
          }),
        ],
      },
    ],
  });
}
