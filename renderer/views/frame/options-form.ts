import { MAX_PEERS, MAX_UPLOADS } from '../../../core/base/bounds.ts';
import { type BytesPerSecond, bytesPerSecond } from '../../../core/base/ids.ts';
import type { SeedRule } from '../../../core/base/choices.ts';
import type { DownloadOptions } from '../../../core/engine/download-options.ts';
import type { DownloadChanges } from '../../../core/engine/engine.ts';
import { text } from '../../texts/en.ts';
import { whole } from '../add/choices.ts';

const KILO = 1000;
/** kB/s; 0: none. */
export const LIMITS = ['down', 'up', 'identityDown', 'identityUp'] as const;
/** Numbers from 1, and the most that each may be. */
const MOST = { maxUploads: MAX_UPLOADS, maxPeers: MAX_PEERS } as const;
export const COUNTS = Object.keys(MOST) as readonly (keyof typeof MOST)[];
export const SWITCHES = ['share', 'assemble', 'sequential', 'stay'] as const;
const MAX_LABEL = 100;

type Limit = (typeof LIMITS)[number];
type Count = keyof typeof MOST;
type Switch = (typeof SWITCHES)[number];

/** The content of the dialog; numbers and labels are text, as they are typed, tags with commas between them. */
export type OptionsForm = Record<Limit | Count | 'ratio' | 'category' | 'tags', string> &
  Record<Switch, boolean> &
  Pick<DownloadOptions, 'encryption'> & { readonly seed: SeedRule['kind'] };

/** What can differ among downloads, and is changed by itself: a ratio is part of `seed`. */
export type OptionsField = Exclude<keyof OptionsForm, 'ratio'>;
const FIELDS: readonly OptionsField[] = [...LIMITS, ...COUNTS, ...SWITCHES, 'category', 'tags', 'encryption', 'seed'];

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
      encryption,
      seed: seed.kind,
      ratio: String(seed.kind === 'ratio' ? seed.ratio : 1),
    },
  };
}

const different = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** What is wrong in the changed fields, a sentence each; empty where the changes can be made. */
export function wrongIn(
  form: OptionsForm,
  changed: ReadonlySet<OptionsField>,
): { readonly limits?: string; readonly ratio?: string; readonly labels?: string } {
  const { errors } = text.add;
  const count = COUNTS.find((name) => changed.has(name) && whole(form[name], 1, MOST[name]) === undefined);
  const limits = LIMITS.some((name) => changed.has(name) && whole(form[name], 0, 1e9) === undefined)
    ? errors.limit
    : count && text.options.wrongCount(text.options[count], MOST[count]);
  const labels = [form.category, ...tagsIn(form.tags)].some((label) => label.trim().length > MAX_LABEL);
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(changed.has('seed') && form.seed === 'ratio' && !(Number(form.ratio) > 0) ? { ratio: errors.ratio } : {}),
    ...(labels ? { labels: text.options.wrongLabel(MAX_LABEL) } : {}),
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
    encryption: form.encryption,
    seed: form.seed === 'ratio' ? { kind: 'ratio', ratio: Number(form.ratio) } : { kind: form.seed },
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => changed.has(name as OptionsField)));
}

/** Each once. */
function tagsIn(typed: string): string[] {
  return [...new Set(typed.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
}

function eachOf<K extends string, T>(names: readonly K[], value: (name: K) => T): Record<K, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, T>;
}
