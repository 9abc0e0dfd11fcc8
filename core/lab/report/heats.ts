import type { Sweep } from '../scenario/arms.ts';
import { type Interval, LEAST } from '../statistics/intervals.ts';
import { fieldName, type RunArm } from './arms.ts';
import { type Compared, speedUp } from './comparisons.ts';
import type { Figure } from '../figures/draw.ts';
import { heatFigure } from '../figures/heat.ts';
import { seedShare } from './seed-share.ts';

const K = 'user.K';

/** Maps over the two other sweeps, for each K; or over one other and K. None where there are more or fewer. */
export function heatFigures(
  sweeps: readonly Sweep[],
  gains: readonly Compared[],
  harms: readonly Compared[],
): Figure[] {
  const several = sweeps.filter(({ values }) => values.length > 1);
  const byK = several.find(({ fields }) => fields.includes(K));
  const [x, y, more] = several.filter((sweep) => sweep !== byK);
  if (byK === undefined || byK.fields.length > 1 || x === undefined || more !== undefined) return [];
  const ks = [...new Set(gains.map(({ pairing: { arm } }) => arm.k))];
  const arms = gains.map(({ pairing: { arm } }) => arm);
  const axes = { x: axisOf(x, arms), y: axisOf(y ?? byK, arms) };
  if (y === undefined) return ks.length > 1 ? mapsOf(gains, harms, { ...axes, title: '' }) : [];
  return ks.flatMap((k) => {
    const ofK = (all: readonly Compared[]): Compared[] => all.filter(({ pairing: { arm } }) => arm.k === k);
    return mapsOf(ofK(gains), ofK(harms), { ...axes, title: `K = ${k}` });
  });
}

/** A sweep as an axis. */
interface Axis {
  readonly name: string;
  /** What an arm has of it. */
  told(arm: RunArm): string;
}

const SHARE = 'share of capacity in seeds';

/** Where each of its values stands for another share of the capacity in seeds, whatever else is swept, the share is told before the value. */
function axisOf({ fields }: Sweep, arms: readonly RunArm[]): Axis {
  const name = fields.map(fieldName).join(' / ');
  const told = ({ values }: RunArm): string => fields.map((field) => String(values[field])).join('/');
  const shares = new Map<string, string | undefined>();
  for (const arm of arms) {
    const [value, share] = [told(arm), shareText(arm)];
    shares.set(value, shares.has(value) && shares.get(value) !== share ? undefined : share);
  }
  const known = new Set(shares.values());
  if (known.has(undefined) || known.size < shares.size) return { name, told };
  return { name: `${SHARE} (${name})`, told: (arm) => `${shareText(arm)}\n${told(arm)}` };
}

function shareText({ runs }: RunArm): string | undefined {
  const share = runs[0] === undefined ? undefined : seedShare(runs[0].scenario);
  return share === undefined ? undefined : `${Math.round(share * 100)}%`;
}

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
  readonly title: string;
}

function mapsOf(gains: readonly Compared[], harms: readonly Compared[], { x, y, title }: Axes): Figure[] {
  const base = gains[0]?.pairing.base.k ?? 1;
  const suffix = title === '' ? '' : `-${title.replace(/\W+/g, '')}`;
  const compared = `${title === '' ? '' : `${title} `}to K = ${base}`;
  const map = (name: string, what: string, all: readonly Compared[], of: Of): Figure[] => {
    const cells = all.flatMap(({ pairing: { arm }, ratio, pairs, sure }) => {
      const value = of(ratio);
      const unsure = pairs < LEAST || (sure.low <= 1 && sure.high >= 1);
      return value === undefined || !(value.middle > 0) ? [] : [{ ...value, unsure, x: x.told(arm), y: y.told(arm) }];
    });
    const axes = { x: x.name, y: y.name };
    return cells.length === 0 ? [] : [heatFigure(name + suffix, `${what}, ${compared}`, { ...axes, what, cells })];
  };
  return [
    ...map('gain-map', 'How many times as fast the user is', gains, speedUp),
    ...map('slow-down-map', 'How many times as long the others take', harms, (ratio) => ratio),
  ];
}

type Of = (ratio: Interval | undefined) => Interval | undefined;
