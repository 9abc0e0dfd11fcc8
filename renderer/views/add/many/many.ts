import { createStore, type StoreApi } from 'zustand/vanilla';
import { messageOf } from '../../../../core/base/errors.ts';
import type { BridgeClient } from '../../../../core/bridge/contract.ts';
import type { AddOptions } from '../../../../core/engine/download-options.ts';
import type { Offer } from '../../../stores/batches.ts';
import { readOffer } from '../read-offer.ts';
import { Few } from '../../../stores/few.ts';
import { type Facts, isWanted, newRow, type Row, withChosen, withFate, withPreview } from './rows.ts';

/** So many are read at a time: each may be as large as a torrent file can be. */
const READING = 4;
/** So many are added at a time: few, but enough that the program writes its list once for several. */
const ADDING = 8;

export interface ManyState {
  readonly rows: readonly Row[];
  /** How far an addition is; undefined: none is under way. */
  readonly run: { readonly done: number; readonly of: number } | undefined;
}

/** Reads many torrents, and adds those that are chosen. What becomes of one does not stop the others. */
export class Many {
  readonly store: StoreApi<ManyState> = createStore<ManyState>(() => ({ rows: [], run: undefined }));
  readonly #client: Pick<BridgeClient, 'call'>;
  readonly #offers = new Map<number, Offer>();
  readonly #reading = new Few(READING);
  readonly #adding = new Few(ADDING);
  #live = true;
  #stopped = false;

  constructor(client: Pick<BridgeClient, 'call'>) {
    this.#client = client;
  }

  /** Begins to read those that are new. `nameless`: what a link is called until it is read. */
  take(offers: readonly Offer[], nameless: string): void {
    const fresh = offers.filter(({ id }) => !this.#offers.has(id));
    if (fresh.length === 0) return;
    for (const offer of fresh) this.#offers.set(offer.id, offer);
    this.#rows((rows) => [...rows, ...fresh.map(({ id, fileName }) => newRow(id, fileName ?? nameless))]);
    for (const offer of fresh) void this.#reading.run(() => this.#read(offer));
  }

  choose(ids: ReadonlySet<number>, chosen: boolean): void {
    this.#rows((rows) => withChosen(rows, ids, chosen));
  }

  /** Adds those that are wanted, in their order; resolves when each is added, or has failed, or was stopped before it began. */
  async add(optionsOf: (facts: Facts) => AddOptions): Promise<void> {
    if (this.store.getState().run !== undefined) return;
    this.#stopped = false;
    const wanted = this.store.getState().rows.filter(isWanted);
    this.store.setState({ run: { done: 0, of: wanted.length } });
    await Promise.all(wanted.map((row) => this.#adding.run(() => this.#add(row, optionsOf))));
    this.store.setState({ run: undefined });
  }

  /** Begins no more additions; those that have begun come to their end. */
  stop(): void {
    this.#stopped = true;
  }

  open(): void {
    this.#live = true;
  }

  /** Reads and adds no more. */
  close(): void {
    this.#live = false;
    this.stop();
  }

  async #read(offer: Offer): Promise<void> {
    if (!this.#live) return;
    try {
      const { preview } = await readOffer(this.#client, offer);
      this.#rows((rows) => withPreview(rows, offer.id, preview));
    } catch (error) {
      this.#rows((rows) => withFate(rows, offer.id, { kind: 'refused', why: messageOf(error) }));
    }
  }

  async #add({ id, facts }: Row, optionsOf: (facts: Facts) => AddOptions): Promise<void> {
    const offer = this.#offers.get(id);
    if (this.#stopped || offer === undefined || facts === undefined) return;
    this.#rows((rows) => withFate(rows, id, { kind: 'adding' }));
    try {
      const source = await offer.read(this.#client);
      await this.#client.call('add', { source, options: optionsOf(facts) });
      this.#rows((rows) => withFate(rows, id, { kind: 'added' }));
    } catch (error) {
      this.#rows((rows) => withFate(rows, id, { kind: 'failed', why: messageOf(error) }));
    }
    this.store.setState(({ run }) => ({ run: run && { ...run, done: run.done + 1 } }));
  }

  #rows(change: (rows: readonly Row[]) => readonly Row[]): void {
    this.store.setState(({ rows }) => ({ rows: change(rows) }));
  }
}
