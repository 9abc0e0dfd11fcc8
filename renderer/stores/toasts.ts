import type { TorrentKey } from '../../core/base/ids.ts';

/** A notice that the window shows for a while. */
export interface Toast {
  readonly id: number;
  readonly tone: 'plain' | 'ok' | 'bad';
  readonly message: string;
  /** The download whose files the notice offers to show. */
  readonly reveal?: TorrentKey;
  /** What happened, of how many downloads: further notices of the same join it. */
  readonly group?: { readonly kind: string; readonly count: number };
}

/** What is said: `summary` in place of the message where the same happened to several downloads. */
export interface Said extends Omit<Toast, 'id' | 'group'> {
  readonly group?: { readonly kind: string; readonly summary: (count: number) => string };
}

/** Most notices that are shown at a time. */
const MOST = 4;

/** The notices with one more; one that says the same, or of the same group, gives its place to it. */
export function withToast(toasts: readonly Toast[], { group, ...said }: Said, id: number): readonly Toast[] {
  const others = toasts.filter((one) => one.message !== said.message);
  const before = group && toasts.find((one) => one.group?.kind === group.kind);
  if (group === undefined) return [...others, { ...said, id }].slice(-MOST);
  // The same sentence again is about the same download.
  if (before?.message === said.message) return toasts;
  const count = (before?.group?.count ?? 0) + 1;
  const { kind, summary } = group;
  const one: Toast =
    count === 1
      ? { ...said, id, group: { kind, count } }
      : { id, tone: said.tone, message: summary(count), group: { kind, count } };
  return [...others.filter((other) => other !== before), one].slice(-MOST);
}
