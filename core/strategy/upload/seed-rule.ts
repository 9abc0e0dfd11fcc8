import type { SeedRule } from '../../base/choices.ts';

/**
 * Whether a complete download goes on seeding. `downloaded`: payload bytes received, or the torrent's size where everything was
 * there before; `uploaded`: payload bytes.
 */
export function shouldSeed(rule: SeedRule, downloaded: number, uploaded: number): boolean {
  switch (rule.kind) {
    case 'never':
      return false;
    case 'forever':
      return true;
    case 'ratio':
      return uploaded < rule.ratio * downloaded;
  }
}
