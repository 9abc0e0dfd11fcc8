import { KILO } from '../../../core/base/sizes.ts';
import { MAX_IDENTITIES } from '../../../core/base/bounds.ts';
import { type BytesPerSecond, bytesPerSecond } from '../../../core/base/ids.ts';
import type { LayoutKind, SelectionMode } from '../../../core/base/choices.ts';
import type { ReadPreview } from './read-offer.ts';
import type { AddOptions } from '../../../core/engine/download-options.ts';
import { firstOptions, identitiesOfNew, identitiesWith, linksOfNew } from '../../../core/engine/first-options.ts';
import type { Category } from '../../../core/engine/list-rules.ts';
import type { Settings } from '../../../core/engine/settings.ts';
import { NORMAL } from '../../../core/engine/values.ts';
import { areLabels, MAX_LABEL, tagsIn } from '../../stores/label-text.ts';
import { text } from '../../texts/en.ts';
import { type MachinesForm, meetingIn, NO_MACHINES } from './machines-form.ts';
import { seedFormOf, type SeedForm, seedRuleOf } from '../goals/seed-form.ts';
import { PROXIES } from '../settings/text-lists.ts';

/** Options of few that are on or off. */
export const SWITCHES = ['sequential', 'edgesFirst', 'takeOver', 'stay', 'reuse', 'paused'] as const;
type Switches = { readonly [K in (typeof SWITCHES)[number]]: boolean };

/** The content of the Add dialog; numbers are text, as they are typed. */
export interface AddForm extends Switches {
  readonly output: string;
  readonly identities: string;
  readonly selection: SelectionMode;
  readonly share: boolean;
  readonly assemble: boolean;
  readonly layout: LayoutKind;
  readonly seed: SeedForm;
  /** Empty: none. */
  readonly category: string;
  /** With commas between them. */
  readonly tags: string;
  /** Names of links. */
  readonly links: readonly string[];
  readonly bind: readonly string[];
  /** As they are typed. */
  readonly proxies: string;
  readonly machines: MachinesForm;
  readonly port: string;
  /** kB/s; 0: none. */
  readonly down: string;
  readonly up: string;
  readonly identityDown: string;
  readonly identityUp: string;
  readonly allowPrivate: boolean;
  /** In the order of `ReadPreview.files`. */
  readonly wanted: readonly boolean[];
  /** Other names of files and folders, by their paths in the torrent. */
  readonly names: ReadonlyMap<string, string>;
}

/** What the dialog begins with: the settings, and an identity for each of several links and addresses that the user chose there. */
export function firstForm(settings: Settings, preview: Pick<ReadPreview, 'files'>): AddForm {
  const { seed, links, bind } = settings;
  return {
    output: settings.folder,
    identities: String(identitiesOfNew(settings.identities, settings)),
    selection: settings.selection,
    share: settings.share,
    assemble: settings.assemble,
    layout: settings.layout,
    seed: seedFormOf(seed),
    category: '',
    tags: '',
    links,
    bind,
    proxies: PROXIES.format(settings.proxies),
    machines: NO_MACHINES,
    port: String(settings.port),
    down: '0',
    up: '0',
    identityDown: '0',
    identityUp: '0',
    ...switchesOf({}),
    allowPrivate: false,
    wanted: preview.files.map(() => true),
    names: new Map(),
  };
}

/** The form with a category, and with what a new download in it begins with: its folder, its links and how many identities. */
export function inCategory(form: AddForm, category: string, settings: Settings): Partial<AddForm> {
  const of = (name: string): Category | undefined => settings.categories.find((one) => one.name === name.trim());
  const [before, now] = [of(form.category), of(category)];
  const changes: { -readonly [K in keyof AddForm]?: AddForm[K] } = { category };
  // What the user typed stays; what came from the settings or another category does not.
  if (form.output === (before?.folder ?? settings.folder)) changes.output = now?.folder ?? settings.folder;
  const from = linksOfNew(settings, before);
  const isAsBefore =
    form.proxies === PROXIES.format(from.proxies) &&
    isDeepEqual(form.bind, from.bind) &&
    isDeepEqual(form.links, from.links);
  if (isAsBefore) {
    const to = linksOfNew(settings, now);
    Object.assign(changes, { links: to.links, bind: to.bind, proxies: PROXIES.format(to.proxies) });
    const count = (own: Category | undefined, ways: typeof from): string =>
      String(identitiesOfNew(own?.identities ?? settings.identities, ways));
    if (form.identities === count(before, from)) changes.identities = count(now, to);
  }
  return changes;
}

/** Other links and addresses, with an identity for each where there was one for each before. */
export function byWays(form: AddForm, ways: Partial<Pick<AddForm, 'links' | 'bind'>>): Partial<AddForm> {
  const before = Number(form.identities);
  const after = identitiesWith(before, form, { ...form, ...ways });
  // What is no number stays as it was typed.
  return Object.is(after, before) ? ways : { ...ways, identities: String(after) };
}

const isDeepEqual = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();

export type AddErrors = Partial<
  Record<
    | 'output'
    | 'identities'
    | 'files'
    | 'proxies'
    | 'machines'
    | 'machineUser'
    | 'machineLimit'
    | 'port'
    | 'limits'
    | 'goals'
    | 'labels'
    | 'private',
    string
  >
>;

/** What of a preview the choices depend on; for many torrents together there are no files to choose. */
type Chosen = Pick<ReadPreview, 'files' | 'fileSlots' | 'private'>;

/** What is wrong, a sentence for each field; empty where the torrent can be added. */
export function checkForm(form: AddForm, preview: Chosen): AddErrors {
  const { errors } = text.add;
  const out: AddErrors = {};
  const { on: together, user, password, limit } = form.machines;
  const identities = together ? 1 : identityCount(form.identities);
  if (form.output.trim() === '') out.output = errors.folder;
  if (identities === undefined) out.identities = errors.identities;
  if (preview.files.length > 0 && !form.wanted.includes(true)) out.files = errors.noFiles;
  const port = whole(form.port, 0, 65_535);
  if (port === undefined || (port > 0 && port + (identities ?? 1) - 1 > 65_535)) out.port = errors.port;
  if (PROXIES.parse(form.proxies) === undefined) out.proxies = text.settings.proxiesWrong;
  if (together && meetingIn(form.machines) === undefined) out.machines = text.machines.addressWrong;
  if (together && password !== '' && user.trim() === '') out.machineUser = text.machines.userMissing;
  if (together && whole(limit, 0, 1e9) === undefined) out.machineLimit = errors.limit;
  const limits = [form.down, form.up, form.identityDown, form.identityUp];
  if (limits.some((limit) => whole(limit, 0, 1e9) === undefined)) out.limits = errors.limit;
  if (seedRuleOf(form.seed) === undefined) out.goals = text.goals.wrong;
  if (!areLabels(form)) out.labels = text.options.wrongLabel(MAX_LABEL);
  if (preview.private && ((identities ?? 1) > 1 || together) && !form.allowPrivate)
    out.private = text.add.privateNeeded;
  return out;
}

/** Whether something is wrong with a choice that is not in sight at first. */
export function isAdvanced(errors: AddErrors): boolean {
  const { proxies, machines, machineUser, machineLimit, port, limits, goals } = errors;
  return [proxies, machines, machineUser, machineLimit, port, limits, goals].some((error) => error !== undefined);
}

/** The number of identities that was typed; undefined where it is not a valid one. */
export function identityCount(typed: string): number | undefined {
  return whole(typed, 1, MAX_IDENTITIES);
}

/** The options of a form without errors. */
export function optionsOf(form: AddForm, preview: Chosen, settings: Settings): AddOptions {
  const rate = (typed: string): BytesPerSecond => bytesPerSecond(Number(typed) * KILO);
  const priorities = prioritiesOf(form, preview);
  const { on, collect, limit } = form.machines;
  const together = on ? meetingIn(form.machines) : undefined;
  return {
    // What the dialog does not show.
    ...firstOptions(settings),
    output: form.output.trim(),
    // Each machine takes part as one identity.
    identities: on ? 1 : (identityCount(form.identities) ?? 1),
    selection: on ? 'rarest' : form.selection,
    ...(together !== undefined && { together, collect, collectRate: rate(limit) }),
    share: form.share,
    layout: form.layout,
    links: form.links,
    bind: form.bind,
    proxies: PROXIES.parse(form.proxies) ?? [],
    port: Number(form.port),
    down: rate(form.down),
    up: rate(form.up),
    identityDown: rate(form.identityDown),
    identityUp: rate(form.identityUp),
    seed: seedRuleOf(form.seed) ?? { kind: 'goals' },
    category: form.category.trim(),
    tags: tagsIn(form.tags),
    assemble: form.assemble,
    ...switchesOf(form),
    ...(priorities === undefined ? {} : { filePriorities: priorities }),
    ...(form.names.size > 0 && { names: Array.from(form.names, ([path, name]) => ({ path, name })) }),
    allowPrivate: form.allowPrivate,
  };
}

function switchesOf(from: Partial<Switches>): Switches {
  return Object.fromEntries(SWITCHES.map((name) => [name, from[name] ?? false])) as unknown as Switches;
}

/** Undefined where every file is wanted. */
function prioritiesOf(form: AddForm, preview: Chosen): number[] | undefined {
  if (form.wanted.every(Boolean)) return undefined;
  const out = Array.from({ length: preview.fileSlots }, () => NORMAL);
  preview.files.forEach((file, at) => {
    if (form.wanted[at] === false) out[file.index] = 0;
  });
  return out;
}

/** Bytes of the chosen files. */
export function wantedBytes(form: AddForm, preview: ReadPreview): number {
  return preview.files.reduce((sum, file, at) => sum + (form.wanted[at] === false ? 0 : file.length), 0);
}

/** A whole number between two bounds; undefined for anything else. */
export function whole(typed: string, least: number, most: number): number | undefined {
  const value = typed.trim() === '' ? Number.NaN : Number(typed);
  return Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}
