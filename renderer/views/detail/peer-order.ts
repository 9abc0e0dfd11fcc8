import type { PeerView } from '../../../core/bridge/views.ts';

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** What peers can be sorted by; figures begin with the most. */
const ORDERS = {
  peer: (a, b) => names.compare(a.endpoint, b.endpoint),
  client: (a, b) => names.compare(a.client, b.client),
  source: (a, b) => names.compare(a.source, b.source),
  identity: (a, b) => a.identity - b.identity,
  has: (a, b) => b.progress - a.progress,
  down: (a, b) => b.down - a.down,
  up: (a, b) => b.up - a.up,
  received: (a, b) => b.downloaded - a.downloaded,
  sent: (a, b) => b.uploaded - a.uploaded,
} satisfies Readonly<Record<string, (a: PeerView, b: PeerView) => number>>;

type PeerSort = keyof typeof ORDERS;

/** `by` undefined: the fastest first. */
export interface PeerOrder {
  readonly by: PeerSort | undefined;
  readonly reverse: boolean;
}

export const isPeerSort = (column: string): column is PeerSort => Object.hasOwn(ORDERS, column);

/** What `aria-sort` says of a column. */
export function peerSortOf(order: PeerOrder, column: PeerSort): 'none' | 'ascending' | 'descending' {
  if (order.by !== column) return 'none';
  const text = column === 'peer' || column === 'client' || column === 'source' || column === 'identity';
  return text === order.reverse ? 'descending' : 'ascending';
}

/** The order after a press on a column's head: by that column, the other way round, as at first. */
export function pressed(order: PeerOrder, column: PeerSort): PeerOrder {
  if (order.by !== column) return { by: column, reverse: false };
  return order.reverse ? { by: undefined, reverse: false } : { by: column, reverse: true };
}

export function sortPeers(peers: readonly PeerView[], { by, reverse }: PeerOrder): PeerView[] {
  const sign = reverse ? -1 : 1;
  const order = by === undefined ? fastest : ORDERS[by];
  return [...peers].sort((a, b) => sign * order(a, b) || a.identity - b.identity || (a.endpoint < b.endpoint ? -1 : 1));
}

/** Fast ones first, in steps, so that rows do not change places with every update. */
function fastest(a: PeerView, b: PeerView): number {
  const step = (peer: PeerView): number => Math.round(Math.log2(1 + peer.down + peer.up) / 2);
  return step(b) - step(a);
}
