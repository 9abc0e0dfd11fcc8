import type { Listed } from './programs.ts';
import { formatPercent } from '../output/format.ts';
import { stallText } from '../output/stall-text.ts';
import { STATE_WORDS } from '../output/words.ts';

/** The state of a download, with what is wrong with it. */
export function stateText({ line }: Pick<Listed, 'line'>): string {
  const { state, error, stall, work, queued } = line;
  if (error !== undefined) return `${STATE_WORDS[state]}: ${error.message}`;
  if (stall !== undefined) return `stalled: ${stallText(stall)}`;
  if (work !== undefined) return `${STATE_WORDS[state]} ${formatPercent(work, 1)}`;
  return queued === undefined ? STATE_WORDS[state] : `${STATE_WORDS[state]} (${queued})`;
}

/** What JSON says of a download. */
export function lineFields({ number, program, line }: Listed): Record<string, unknown> {
  const { key: _key, options, timeLeft, rate, place: _place, ...facts } = line;
  return {
    number,
    program: program.name,
    ...(program.pid === undefined ? {} : { pid: program.pid }),
    ...facts,
    rate: { down: Math.round(rate.down), up: Math.round(rate.up) },
    ...(timeLeft === undefined ? {} : { timeLeft: Math.ceil(timeLeft / 1000) }),
    ...options,
  };
}
