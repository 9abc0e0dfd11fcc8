import { bytesPerSecond } from '../../base/ids.ts';
import type { LinkProfile } from '../link-profiles.ts';

/** A link that is used always, in both directions, and without limits. */
export function plainLink(name: string, bind: string): LinkProfile {
  const none = bytesPerSecond(0);
  return { name, bind, down: none, up: none, role: 'both', when: { kind: 'always' } };
}
