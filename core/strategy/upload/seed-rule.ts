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

/** What holds where a download's own rule says nothing: the rule of its category, or else `usual`. */
export interface OuterRules {
  readonly ofCategory: SeedRule | undefined;
  readonly usual: SeedGoals;
}

/** The goals of a download with this rule. */
export function goalsWithin(own: SeedRule, { ofCategory, usual }: OuterRules): SeedGoals | 'never' {
  return goalsOf(own, goalsOf(ofCategory ?? { kind: 'goals' }, usual));
}

/** What becomes of a complete download: by its own rule, and what that leaves open. */
export function seedVerdict(
  own: SeedRule,
  outer: OuterRules,
  { downloaded, uploaded, seeded, untaken, forced }: SeedFacts,
): SeedVerdict {
  const goals = goalsWithin(own, outer);
  if (goals === 'never') return 'never';
  const { ratio, time, idle } = goals;
  if (forced) return 'on';
  const given = ratio !== 'none' && uploaded >= ratio * downloaded;
  const over = (time !== 'none' && seeded >= time) || (idle !== 'none' && untaken >= idle);
  return given || over ? 'enough' : 'on';
}

/** `outer`: what holds where the rule says nothing. */
function goalsOf(rule: SeedRule, outer: SeedGoals | 'never'): SeedGoals | 'never' {
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
