import { formatEndpoint } from '../../../core/base/endpoint.ts';
import type { IdentityView } from '../../../core/bridge/views.ts';
import type { MappingStatus } from '../../../core/engine/statuses.ts';
import { text } from '../../texts/en.ts';

const words = text.detail.reachability;

export interface ReachabilityWords {
  readonly tone: 'ok' | 'soft' | 'warn';
  readonly word: string;
  /** What that means, and what to do. */
  readonly meaning: string;
}

/** Whether peers reach an identity from outside, in a word and in a sentence or two. */
export function reachabilityWords({
  reachability,
  address,
  port,
}: Pick<IdentityView, 'reachability' | 'address' | 'port'>): ReachabilityWords {
  switch (reachability.kind) {
    case 'reached':
      return {
        tone: 'ok',
        word: words.reached,
        meaning: `${words.came} ${outerOf(reachability.mapping) ?? ''}`.trim(),
      };
    case 'mapped': {
      const meaning = [outerOf(reachability), reachability.note ?? words.noneYet].join(' ');
      return { tone: reachability.note === undefined ? 'ok' : 'warn', word: words.mapped, meaning };
    }
    case 'unmapped':
      return { tone: 'warn', word: words.unmapped, meaning: reachability.message };
    case 'unknown':
      return { tone: 'soft', word: words.unknown, meaning: words.forward(address, port) };
  }
}

function outerOf(mapping: MappingStatus): string | undefined {
  if (mapping.kind !== 'mapped') return undefined;
  const { host, port, by } = mapping;
  return words.opened(host === undefined ? String(port) : formatEndpoint({ host, port }), words.protocols[by]);
}
