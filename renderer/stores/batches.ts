import type { BridgeClient } from '../../core/bridge/contract.ts';
import type { Source } from '../../core/engine/engine.ts';

/** Something to add. It is read when it is needed and not kept, as there may be hundreds. */
export interface Offered {
  readonly fileName: string | null;
  /** Rejects with a sentence where it is refused. */
  read(client: Pick<BridgeClient, 'call'>): Promise<Source>;
}

export interface Offer extends Offered {
  readonly id: number;
}

/** What gets one dialog: a single torrent, or several in a list. */
export interface Batch {
  readonly id: number;
  readonly offers: readonly Offer[];
  /** Whether more may join. */
  readonly open: boolean;
  /** It came from a command line or another program. */
  readonly outside: boolean;
  /** When the last of it came, in ms. */
  readonly at: number;
}

/** Files that are opened together come one by one, on some systems each from a process of its own; in ms. */
const TOGETHER = 1000;

interface Arrival {
  readonly outside: boolean;
  readonly now: number;
  readonly nextId: () => number;
}

/** With what came now: in the list that is open, with what came just before from outside, or else as a batch of its own. */
export function joined(batches: readonly Batch[], offered: readonly Offered[], arrival: Arrival): readonly Batch[] {
  const { outside, now, nextId } = arrival;
  const offers = offered.map((one): Offer => ({ ...one, id: nextId() }));
  const last = batches.at(-1);
  if (last?.open === true && (last.offers.length > 1 || (outside && last.outside && now - last.at < TOGETHER))) {
    return [...batches.slice(0, -1), { ...last, offers: [...last.offers, ...offers], at: now }];
  }
  return [...batches, { id: nextId(), offers, open: true, outside, at: now }];
}

export function withoutBatch(batches: readonly Batch[], id: number): readonly Batch[] {
  return batches.filter((one) => one.id !== id);
}

/** In place of one batch, a batch for each of its chosen offers; the rest of it goes. */
export function separated(
  batches: readonly Batch[],
  id: number,
  chosen: ReadonlySet<number>,
  nextId: () => number,
): readonly Batch[] {
  return batches.flatMap((batch) =>
    batch.id === id
      ? batch.offers
          .filter((one) => chosen.has(one.id))
          .map((one): Batch => ({ ...batch, id: nextId(), offers: [one], open: false }))
      : [batch],
  );
}
