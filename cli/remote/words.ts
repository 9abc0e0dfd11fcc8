import type { Stall } from '../../core/engine/engine.ts';
import type { Listed } from './programs.ts';
import { formatPercent, formatRate } from '../output/format.ts';
import { STATE_WORDS } from '../output/words.ts';

/** The state of a download, with what is wrong with it. */
export function stateText({ line }: Pick<Listed, 'line'>): string {
  const { state, error, stall, work, queued } = line;
  if (error !== undefined) return `${STATE_WORDS[state]}: ${error.message}`;
  if (stall !== undefined) return `stalled: ${stallText(stall)}`;
  if (work !== undefined) return `${STATE_WORDS[state]} ${formatPercent(work, 1)}`;
  return queued === undefined ? STATE_WORDS[state] : `${STATE_WORDS[state]} (${queued})`;
}

/** Why nothing comes. */
export function stallText(stall: Stall): string {
  switch (stall.kind) {
    case 'no-link':
      return 'its address or proxy is not there';
    case 'tracker':
      return `${stall.url}: ${stall.message}`;
    case 'no-peers':
      return 'no peers';
    case 'no-seed':
      return 'no peer has what is missing';
    case 'choked':
      return 'all peers choke us';
    case 'limited':
      return `limited to ${formatRate(stall.limit)}`;
    case 'silent':
      return 'its peers send nothing';
  }
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
