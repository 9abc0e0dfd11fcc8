import { commonest } from './commonest.ts';
import type { PieceStrategy } from './piece-strategy.ts';
import { random } from './random.ts';
import { rarest } from './rarest.ts';

const STRATEGIES: Readonly<Record<string, PieceStrategy>> = { rarest, random, commonest };

/** Names by which strategies are chosen. */
export const STRATEGY_NAMES: readonly string[] = Object.keys(STRATEGIES);

/** The strategy of this name; undefined: this program has none. */
export function strategyNamed(name: string | undefined): PieceStrategy | undefined {
  return name !== undefined && Object.hasOwn(STRATEGIES, name) ? STRATEGIES[name] : undefined;
}
