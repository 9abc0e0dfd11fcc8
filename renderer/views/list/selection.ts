import type { InfoHash } from '../../../core/base/ids.ts';
import { between } from '../../stores/list.ts';
import { selectOnly, ui } from '../../stores/ui-store.ts';

/** A click or key on a row: alone, one more or one less (`toggle`), or all from the anchor on (`extend`). */
export function choose(
  order: readonly InfoHash[],
  infoHash: InfoHash,
  how: { readonly toggle: boolean; readonly extend: boolean },
): void {
  const now = ui.getState();
  if (how.extend) {
    const anchor = now.anchor ?? infoHash;
    ui.setState({ current: infoHash, anchor, selected: new Set(between(order, anchor, infoHash)) });
  } else if (how.toggle) {
    const selected = new Set(now.selected);
    if (!selected.delete(infoHash)) selected.add(infoHash);
    ui.setState({ current: infoHash, anchor: infoHash, selected });
  } else {
    selectOnly(infoHash);
  }
}

export function chooseAll(order: readonly InfoHash[]): void {
  ui.setState((now) => ({ selected: new Set(order), current: now.current ?? order[0] }));
}

/** Rows that a page key passes. */
const PAGE = 8;

/** The row that a key leads to; undefined for other keys. */
export function rowAfter(order: readonly InfoHash[], from: InfoHash | undefined, key: string): InfoHash | undefined {
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
