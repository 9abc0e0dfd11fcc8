import type { DownloadOptions } from '../engine/download-options.ts';

type SeedRule = DownloadOptions['seed'];

/** Which limit holds: that of all torrents, the torrent's own, none (`tr_ratiolimit`, `tr_idlelimit`). */
export const LIMIT_MODE = { global: 0, own: 1, none: 2 } as const;

/** Transmission's ratio where none was ever set. */
export const FIRST_RATIO = 2;

/** `seedRatioMode` and `seedRatioLimit`. Who never seeds stops at a ratio of 0. `last`: what was set while none holds. */
export function ratioLimitOf(rule: SeedRule, last = FIRST_RATIO): { readonly mode: number; readonly limit: number } {
  switch (rule.kind) {
    case 'forever':
      return { mode: LIMIT_MODE.none, limit: last };
    case 'never':
      return { mode: LIMIT_MODE.own, limit: 0 };
    case 'ratio':
      return { mode: LIMIT_MODE.own, limit: rule.ratio };
    case 'goals':
      if (rule.ratio === 'none') return { mode: LIMIT_MODE.none, limit: last };
      return rule.ratio === undefined
        ? { mode: LIMIT_MODE.global, limit: last }
        : { mode: LIMIT_MODE.own, limit: rule.ratio };
    default:
      return rule satisfies never;
  }
}

/** The rule for a limit as clients set it; 0: not at all. */
export function seedRule(limited: boolean, limit: number): SeedRule {
  if (!limited) return { kind: 'forever' };
  return limit > 0 ? { kind: 'ratio', ratio: Math.min(limit, 1e6) } : { kind: 'never' };
}
