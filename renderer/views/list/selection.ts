import type { TorrentKey } from '../../../core/base/ids.ts';
import { between } from '../../stores/list.ts';
import { selectOnly, ui } from '../../stores/ui-store.ts';

/** A click or key on a row: alone, one more or one less (`toggle`), or all from the anchor on (`extend`). */
export function choose(
  order: readonly TorrentKey[],
  key: TorrentKey,
  how: { readonly toggle: boolean; readonly extend: boolean },
): void {
  const now = ui.getState();
  if (how.extend) {
    const anchor = now.anchor ?? key;
    ui.setState({ awaited: undefined, current: key, anchor, selected: new Set(between(order, anchor, key)) });
  } else if (how.toggle) {
    const selected = new Set(now.selected);
    if (!selected.delete(key)) selected.add(key);
    ui.setState({ awaited: undefined, current: key, anchor: key, selected });
  } else {
    selectOnly(key);
  }
}

export function chooseAll(order: readonly TorrentKey[]): void {
  ui.setState((now) => ({ awaited: undefined, selected: new Set(order), current: now.current ?? order[0] }));
}

/** Downloads came or went while taps select: what was not tapped is not selected either. */
export function keepTapped(order: readonly TorrentKey[]): void {
  const there = new Set(order);
  ui.setState((now) => {
    const { awaited, current, selected, inDetail } = now;
    const kept = new Set([...selected].filter((one) => there.has(one)));
    const stands = current !== undefined && there.has(current);
    if (stands && kept.size === selected.size && awaited === undefined) return now;
    return {
      awaited: undefined,
      current: stands ? current : order[0],
      selected: kept,
      inDetail: inDetail && kept.size > 0,
    };
  });
}

/** Rows that a page key passes. */
const PAGE = 8;

/** The row that a key leads to; undefined for other keys. */
export function rowAfter(
  order: readonly TorrentKey[],
  from: TorrentKey | undefined,
  key: string,
): TorrentKey | undefined {
  const at = from === undefined ? -1 : order.indexOf(from);
  const last = order.length - 1;
  const to: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? last : at - 1,
    PageDown: at + PAGE,
    PageUp: at - PAGE,
    Home: 0,
    End: last,
  };
  const index = to[key];
  return index === undefined ? undefined : order[Math.min(last, Math.max(0, index))];
}
