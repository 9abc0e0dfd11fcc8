import { KILO } from '../../../core/base/sizes.ts';
import { MAX_PEERS, MAX_UPLOADS } from '../../../core/base/bounds.ts';
import { lineOf, wordsIn } from '../../../core/base/program-line.ts';
import { type BytesPerSecond, bytesPerSecond } from '../../../core/base/ids.ts';
import type { DownloadOptions } from '../../../core/engine/download-options.ts';
import type { DownloadChanges } from '../../../core/engine/engine.ts';
import { text } from '../../texts/en.ts';
import { areLabels, MAX_LABEL, tagsIn } from '../../stores/label-text.ts';
import { whole } from '../add/choices.ts';
import { type SeedForm, seedFormOf, seedRuleOf } from '../goals/seed-form.ts';

/** kB/s; 0: none. */
export const LIMITS = ['down', 'up', 'identityDown', 'identityUp'] as const;
/** Numbers from 1, and the most that each may be. */
export const MOST = { maxUploads: MAX_UPLOADS, maxPeers: MAX_PEERS } as const;
export const COUNTS = Object.keys(MOST) as readonly (keyof typeof MOST)[];
export const SWITCHES = ['share', 'assemble', 'sequential', 'edgesFirst', 'stay'] as const;

type Limit = (typeof LIMITS)[number];
type Count = keyof typeof MOST;
type Switch = (typeof SWITCHES)[number];

/** The content of the dialog; numbers and labels are text, as they are typed, tags with commas between them. */
export type OptionsForm = Record<Limit | Count | 'category' | 'tags' | 'whenDone', string> &
  Record<Switch, boolean> &
  Pick<DownloadOptions, 'encryption'> & { readonly seed: SeedForm };

/** What can differ among downloads, and is changed by itself. */
export type OptionsField = keyof OptionsForm;
const FIELDS: readonly OptionsField[] = [
  ...LIMITS,
  ...COUNTS,
  ...SWITCHES,
  'category',
  'tags',
  'whenDone',
  'encryption',
  'seed',
];

/** The options of several downloads as one form, and in which fields they differ: these are empty, or as in the first one. */
export function formOf(all: readonly [DownloadOptions, ...DownloadOptions[]]): {
  readonly form: OptionsForm;
  readonly mixed: ReadonlySet<OptionsField>;
} {
  const [first] = all;
  const mixed = new Set(FIELDS.filter((name) => all.some((one) => different(one[name], first[name]))));
  const unless = (name: OptionsField, value: string): string => (mixed.has(name) ? '' : value);
  const { seed, encryption, category, tags } = first;
  return {
    mixed,
    form: {
      ...eachOf(LIMITS, (name) => unless(name, String(Math.round(first[name] / KILO)))),
      ...eachOf(COUNTS, (name) => unless(name, String(first[name]))),
      ...eachOf(SWITCHES, (name) => first[name]),
      category: unless('category', category),
      tags: unless('tags', tags.join(', ')),
      whenDone: unless('whenDone', lineOf(first.whenDone)),
      encryption,
      seed: seedFormOf(seed),
    },
  };
}

const different = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** What is wrong in the changed fields, a sentence each; empty where the changes can be made. */
export function wrongIn(
  form: OptionsForm,
  changed: ReadonlySet<OptionsField>,
): { readonly limits?: string; readonly goals?: string; readonly labels?: string; readonly program?: string } {
  const { errors } = text.add;
  const count = COUNTS.find((name) => changed.has(name) && whole(form[name], 1, MOST[name]) === undefined);
  const limits = LIMITS.some((name) => changed.has(name) && whole(form[name], 0, 1e9) === undefined)
    ? errors.limit
    : count && text.options.wrongCount(text.options[count], MOST[count]);
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(changed.has('seed') && seedRuleOf(form.seed) === undefined ? { goals: text.goals.wrong } : {}),
    ...(wordsIn(form.whenDone) === undefined ? { program: text.options.wrongProgram } : {}),
    ...(!areLabels(form) ? { labels: text.options.wrongLabel(MAX_LABEL) } : {}),
  };
}

/** The changes of a form with nothing wrong: what nobody touched stays as it is in each download. */
export function changesOf(form: OptionsForm, changed: ReadonlySet<OptionsField>): DownloadChanges {
  const all: Required<Pick<DownloadChanges, OptionsField>> = {
    ...eachOf(LIMITS, (name): BytesPerSecond => bytesPerSecond(Number(form[name]) * KILO)),
    ...eachOf(COUNTS, (name) => Number(form[name])),
    ...eachOf(SWITCHES, (name) => form[name]),
    category: form.category.trim(),
    tags: tagsIn(form.tags),
    whenDone: wordsIn(form.whenDone) ?? [],
    encryption: form.encryption,
    seed: seedRuleOf(form.seed) ?? { kind: 'goals' },
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => changed.has(name as OptionsField)));
}

function eachOf<K extends string, T>(names: readonly K[], value: (name: K) => T): Record<K, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, T>;
}
