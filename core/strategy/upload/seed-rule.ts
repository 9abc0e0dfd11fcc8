import type { SeedGoals, SeedRule } from '../../base/choices.ts';

const NONE: SeedGoals = { ratio: 'none', time: 'none', idle: 'none' };

/** What a complete download has done for others. */
export interface SeedFacts {
  /** Payload bytes received, or the torrent's size where everything was there before. */
  readonly downloaded: number;
  /** Payload bytes. */
  readonly uploaded: number;
  /** How long it has seeded, and how long of that nobody has taken a byte of it, milliseconds. */
  readonly seeded: number;
  readonly untaken: number;
  /** The user wants it to seed whatever its goals say. */
  readonly forced: boolean;
}

/** Whether a complete download seeds on (`on`), has done enough, or is never to seed. */
type SeedVerdict = 'on' | 'enough' | 'never';

/** What its own rule leaves open, that of its category says, or `usual`. */
export function seedVerdict(
  own: SeedRule,
  { ofCategory, usual }: { readonly ofCategory: SeedRule | undefined; readonly usual: SeedGoals },
  { downloaded, uploaded, seeded, untaken, forced }: SeedFacts,
): SeedVerdict {
  const goals = goalsOf(own, goalsOf(ofCategory ?? { kind: 'goals' }, usual));
  if (goals === 'never') return 'never';
  const { ratio, time, idle } = goals;
  if (forced) return 'on';
  const given = ratio !== 'none' && uploaded >= ratio * downloaded;
  const over = (time !== 'none' && seeded >= time) || (idle !== 'none' && untaken >= idle);
  return given || over ? 'enough' : 'on';
}

/** `outer`: what holds where the rule says nothing. */
export function goalsOf(rule: SeedRule, outer: SeedGoals | 'never'): SeedGoals | 'never' {
  switch (rule.kind) {
    case 'never':
      return 'never';
    case 'forever':
      return NONE;
    case 'ratio':
      return { ...NONE, ratio: rule.ratio };
    case 'goals': {
      const { kind: _kind, ...own } = rule;
      if (outer !== 'never') return { ...outer, ...own };
      return Object.keys(own).length === 0 ? 'never' : { ...NONE, ...own };
    }
  }
}
