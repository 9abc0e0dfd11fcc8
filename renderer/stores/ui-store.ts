import { createStore } from 'zustand/vanilla';
import { messageOf } from '../../core/base/errors.ts';
import type { TorrentKey } from '../../core/base/ids.ts';
import { type Batch, joined, type Offered, separated, withoutBatch } from './batches.ts';
import { type Column, USUAL_COLUMNS } from './columns.ts';
import type { ListOrder } from './list.ts';
import { type Said, type Toast, withToast } from './toasts.ts';

export const TABS = ['info', 'identities', 'peers', 'files', 'sources', 'graph', 'log'] as const;
export type DetailTab = (typeof TABS)[number];

/** The tabs of a download, in order: what is about several identities is left out for one alone. */
export function tabsOf(areSeveral: boolean): readonly DetailTab[] {
  const [info, several, ...others] = TABS;
  return !areSeveral ? [info, ...others] : [several, ...others, info];
}

/** The tab that is shown where this one was chosen last. */
export function tabFor(chosen: DetailTab, areSeveral: boolean): DetailTab {
  return !areSeveral && chosen === 'identities' ? 'info' : chosen;
}

export const LAYOUTS = ['list', 'table'] as const;
export type ListLayout = (typeof LAYOUTS)[number];

/** Percent of the height that the detail below the table has at first. */
export const USUAL_HEIGHT = 50;

export type OpenDialog =
  | { readonly kind: 'paste' | 'about' | 'create' | 'import' | 'links' }
  /** `tab`: the group that is shown first. */
  | { readonly kind: 'settings'; readonly tab?: 'links' }
  | { readonly kind: 'move' | 'options'; readonly keys: readonly TorrentKey[] }
  /** `data`: the dialog begins with the files being deleted, too. */
  | { readonly kind: 'remove'; readonly keys: readonly TorrentKey[]; readonly data?: boolean }
  | { readonly kind: 'trackers' | 'ways' | 'peer' | 'export'; readonly key: TorrentKey }
  /** A file or folder by its path; '': the download itself. */
  | { readonly kind: 'rename'; readonly key: TorrentKey; readonly path: string; readonly name: string }
  /** Plays a film or music: `url` on this page's origin. */
  | { readonly kind: 'player'; readonly name: string; readonly url: string };

/** State of this window alone. */
export interface UiState extends ListOrder {
  /** Where the keyboard stands in the list; see `shownIn`. */
  readonly current: TorrentKey | undefined;
  readonly selected: ReadonlySet<TorrentKey>;
  /** What was added here, and is selected as soon as it is in the list. */
  readonly awaited: TorrentKey | undefined;
  /** Where a range of selected rows begins. */
  readonly anchor: TorrentKey | undefined;
  /** The list beside the detail, or a table above it; a phone always has the list. */
  readonly layout: ListLayout;
  readonly columns: readonly Column[];
  /** How much of the window's height the detail below the table has, in percent; 0: it is hidden. */
  readonly detailHeight: number;
  readonly tab: DetailTab;
  /** The identity that is shown alone; the rest is dimmed. */
  readonly only: number | undefined;
  /** What waits for its Add dialog, in order; the first is shown. */
  readonly batches: readonly Batch[];
  readonly dialog: OpenDialog | undefined;
  readonly toasts: readonly Toast[];
  /** Files are being dragged over the window. */
  readonly dragging: boolean;
  /** On a phone: the current download is shown, and not the list. */
  readonly inDetail: boolean;
  /** On a phone: a tap on a row selects it, too, or no more. */
  readonly selecting: boolean;
  /** In a narrow window: the list is unfolded. */
  readonly listOpen: boolean;
}

export const ui = createStore<UiState>(() => ({
  filter: 'all',
  labels: {},
  search: '',
  sort: 'added',
  reverse: false,
  current: undefined,
  selected: new Set(),
  awaited: undefined,
  anchor: undefined,
  layout: 'list',
  columns: USUAL_COLUMNS,
  detailHeight: USUAL_HEIGHT,
  tab: 'identities',
  only: undefined,
  batches: [],
  dialog: undefined,
  toasts: [],
  dragging: false,
  inDetail: false,
  selecting: false,
  listOpen: false,
}));

let nextId = 1;

/** Asks how to download what was dropped, chosen, pasted or, `outside` the window, opened: one alone or several as a list. */
export function offer(offered: readonly Offered[], outside = false): void {
  if (offered.length === 0) return;
  ui.setState(({ batches }) => ({
    batches: joined(batches, offered, { outside, now: Date.now(), nextId: () => nextId++ }),
    dialog: undefined,
  }));
}

export function batchDone(id: number): void {
  ui.setState(({ batches }) => ({ batches: withoutBatch(batches, id) }));
}

/** The list is being added: what comes now gets a dialog of its own. */
export function batchCloses(id: number): void {
  ui.setState(({ batches }) => ({ batches: batches.map((one) => (one.id === id ? { ...one, open: false } : one)) }));
}

/** Each of these gets a dialog of its own, in place of the list that they were in. */
export function oneByOne(id: number, chosen: ReadonlySet<number>): void {
  ui.setState(({ batches }) => ({ batches: separated(batches, id, chosen, () => nextId++) }));
}

/** Shows a notice. */
export function say(said: Said): void {
  ui.setState((now) => ({ toasts: withToast(now.toasts, said, nextId++) }));
}

/** Tells why something did not go. */
export function sayError(error: unknown): void {
  say({ tone: 'bad', message: messageOf(error) });
}

export function dismiss(id: number): void {
  ui.setState((now) => ({ toasts: now.toasts.filter((one) => one.id !== id) }));
}

export function open(dialog: OpenDialog): void {
  ui.setState({ dialog });
}

export function closeDialog(): void {
  ui.setState({ dialog: undefined });
}

/** The download that is shown in full: the selected one, also where the keyboard has gone on to another. */
export function shownIn({ selected, current }: Pick<UiState, 'selected' | 'current'>): TorrentKey | undefined {
  const [only] = selected;
  return selected.size === 1 ? only : current;
}

/** Shows a download that was added here, as soon as the list has it. */
export function selectAdded(key: TorrentKey): void {
  ui.setState({ awaited: key });
}

/** Selects one download alone and shows it. */
export function selectOnly(key: TorrentKey | undefined): void {
  ui.setState((now) => ({
    awaited: undefined,
    current: key,
    anchor: key,
    selected: new Set(key === undefined ? [] : [key]),
    only: shownIn(now) === key ? now.only : undefined,
  }));
}
