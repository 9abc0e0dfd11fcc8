import { KILO } from '../../../core/base/sizes.ts';
import { bytesPerSecond } from '../../../core/base/ids.ts';
import { lineOf, wordsIn } from '../../../core/base/program-line.ts';
import { isWholePath } from '../../../core/base/whole-path.ts';
import type { Category } from '../../../core/engine/list-rules.ts';
import { text } from '../../texts/en.ts';
import { whole } from '../add/choices.ts';
import { type GoalsForm, goalsFormOf, goalsOf } from '../goals/goal-form.ts';
import { PROXIES } from './text-lists.ts';

const MAX_NAME = 100;

/** A category as it is edited; numbers are text, as they are typed. */
export interface CategoryForm {
  readonly name: string;
  /** Empty: as in the settings. */
  readonly folder: string;
  /** Whether it has links of its own. */
  readonly linked: boolean;
  readonly links: readonly string[];
  readonly bind: readonly string[];
  readonly proxies: string;
  /** kB/s; 0: none. */
  readonly down: string;
  readonly up: string;
  readonly goals: GoalsForm;
  /** A line; empty: as in the settings. */
  readonly whenDone: string;
  /** What no field shows, and stays. */
  readonly kept: Pick<Category, 'identities' | 'seed'>;
}

export function categoryForm(category: Category | undefined): CategoryForm {
  const { name = '', folder = '', identities, links, bind, proxies, down = 0, up = 0 } = category ?? {};
  const { seed, whenDone = [] } = category ?? {};
  const { kind: _kind, ...goals } = seed?.kind === 'goals' ? seed : { kind: 'goals' };
  return {
    name,
    folder,
    linked: links !== undefined || bind !== undefined || proxies !== undefined,
    links: links ?? [],
    bind: bind ?? [],
    proxies: PROXIES.format(proxies ?? []),
    down: String(Math.round(down / KILO)),
    up: String(Math.round(up / KILO)),
    goals: goalsFormOf(goals),
    whenDone: lineOf(whenDone),
    kept: {
      ...(identities === undefined ? {} : { identities }),
      ...(seed === undefined || seed.kind === 'goals' ? {} : { seed }),
    },
  };
}

export type CategoryErrors = Partial<Record<'name' | 'folder' | 'proxies' | 'limits' | 'goals' | 'whenDone', string>>;

/** What is wrong, a sentence each. `taken`: names of the other categories. */
export function wrongInCategory(form: CategoryForm, taken: readonly string[]): CategoryErrors {
  const { errors } = text.categories;
  const out: CategoryErrors = {};
  const name = form.name.trim();
  if (name === '' || name.length > MAX_NAME) out.name = errors.name;
  else if (taken.includes(name)) out.name = errors.taken;
  const folder = form.folder.trim();
  if (folder !== '' && !isWholePath(folder)) out.folder = errors.folder;
  if (form.linked && PROXIES.parse(form.proxies) === undefined) out.proxies = errors.proxies;
  if ([form.down, form.up].some((limit) => whole(limit, 0, 1e9) === undefined)) out.limits = errors.limit;
  if (goalsOf(form.goals) === undefined) out.goals = text.goals.wrong;
  if (wordsIn(form.whenDone) === undefined) out.whenDone = text.settings.whenDoneWrong;
  return out;
}

/** The category of a form with nothing wrong. */
export function categoryOf(form: CategoryForm): Category {
  const goals = goalsOf(form.goals) ?? {};
  const folder = form.folder.trim();
  const whenDone = wordsIn(form.whenDone) ?? [];
  const [down, up] = [form.down, form.up].map((limit) => bytesPerSecond(Number(limit) * KILO));
  return {
    name: form.name.trim(),
    ...form.kept,
    ...(folder === '' ? {} : { folder }),
    ...(form.linked ? { ...linksIn(form), bind: form.bind, proxies: PROXIES.parse(form.proxies) ?? [] } : {}),
    ...(down === undefined || down === 0 ? {} : { down }),
    ...(up === undefined || up === 0 ? {} : { up }),
    ...(whenDone.length === 0 ? {} : { whenDone }),
    ...(Object.keys(goals).length === 0 ? {} : { seed: { kind: 'goals', ...goals } }),
  };
}

/** A category that has none is as it was before links had names. */
function linksIn({ links }: CategoryForm): Pick<Category, 'links'> {
  return links.length === 0 ? {} : { links };
}
