import type { Stall } from '../../core/engine/engine.ts';
import { rateText } from '../../core/base/sizes.ts';

/** Why nothing comes. */
export function stallText(stall: Stall): string {
  switch (stall.kind) {
    case 'no-link':
      return 'its link cannot be used now';
    case 'no-fetch':
      return 'its links only seed';
    case 'tracker':
      return `${stall.url}: ${stall.message}`;
    case 'no-peers':
      return 'no peers';
    case 'no-seed':
      return 'no peer has what is missing';
    case 'choked':
      return 'all peers choke us';
    case 'limited':
      return `limited to ${rateText(stall.limit)}`;
    case 'silent':
      return 'its peers send nothing';
  }
}
