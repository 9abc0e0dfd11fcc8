import { isWholePath } from '../../../../core/base/whole-path.ts';
import type { FeedRule } from '../../../../core/engine/feeds.ts';
import { text } from '../../../texts/en.ts';
import { whole } from '../../add/choices.ts';

const words = text.feeds.rules;
const MAX_NAME = 100;
const MEGABYTE = 1_000_000;
const MOST_MEGABYTES = 1_000_000_000;

/** What is typed of a rule. */
export interface RuleForm extends Omit<FeedRule, 'least' | 'most' | 'output'> {
  /** Megabytes. */
  readonly least: string;
  readonly most: string;
  readonly output: string;
}

export function ruleForm(rule: FeedRule | undefined): RuleForm {
  const { least, most, output = '', ...rest } = rule ?? NEW;
  const megabytes = (bytes: number | undefined): string =>
    bytes === undefined ? '' : String(Math.round(bytes / MEGABYTE));
  return { ...rest, least: megabytes(least), most: megabytes(most), output };
}

const NEW: FeedRule = {
  name: '',
  on: true,
  feeds: [],
  must: '',
  mustNot: '',
  episodes: true,
  category: '',
  paused: false,
};

/** What is wrong with it, by field. */
export function wrongInRule(
  { name, least, most, output }: RuleForm,
  taken: readonly string[],
): { readonly name?: string; readonly size?: string; readonly output?: string } {
  const own = name.trim();
  const sizes = [least, most].map(sizeOf);
  const [low, high] = sizes;
  const crossed = typeof low === 'number' && typeof high === 'number' && low > high;
  return {
    ...(own === '' || own.length > MAX_NAME || /\p{Cc}/u.test(own) ? { name: words.nameWrong } : {}),
    ...(taken.includes(own) ? { name: words.nameTaken } : {}),
    ...(sizes.includes('wrong') || crossed ? { size: words.sizeWrong } : {}),
    ...(output.trim() === '' || isWholePath(output.trim()) ? {} : { output: words.outputWrong }),
  };
}

/** The rule, of a form with nothing wrong in it. */
export function ruleOf({ name, least, most, output, ...rest }: RuleForm): FeedRule {
  const [low, high] = [least, most].map(sizeOf);
  return {
    ...rest,
    name: name.trim(),
    ...(typeof low === 'number' ? { least: low } : {}),
    ...(typeof high === 'number' ? { most: high } : {}),
    ...(output.trim() === '' ? {} : { output: output.trim() }),
  };
}

function sizeOf(typed: string): number | undefined | 'wrong' {
  if (typed.trim() === '') return undefined;
  const megabytes = whole(typed, 0, MOST_MEGABYTES);
  return megabytes === undefined ? 'wrong' : megabytes * MEGABYTE;
}
