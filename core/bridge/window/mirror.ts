import type { TorrentKey } from '../../base/ids.ts';
import { BRIDGE_VERSION, type BridgeClient } from '../contract.ts';
import { keepParts, mergeDetail, mergeState } from './merge.ts';
import type { AppState, Detail, DetailPart } from '../views.ts';

/** What a window knows at the moment; each value is a new object where something in it changed. */
export interface Mirrored {
  /** Undefined: no snapshot has come yet. */
  readonly state: AppState | undefined;
  /** The watched download; undefined: none, or nothing has come yet. */
  readonly detail: Detail | undefined;
}

/**
 * Keeps what a window knows in step with the host: subscribes when the connection opens, and again after a gap
 * or a lost connection. A front end puts its store behind `onChange`.
 */
export class Mirror {
  readonly #client: BridgeClient;
  readonly #listeners = new Set<(now: Mirrored) => void>();
  readonly #stops: (() => void)[] = [];
  #now: Mirrored = { state: undefined, detail: undefined };
  #seq = -1;
  #detailSeq = -1;
  #watched: { readonly key: TorrentKey; readonly parts: readonly DetailPart[] } | null = null;
  #resubscribing = false;
  #rewatching = false;

  constructor(client: BridgeClient) {
    this.#client = client;
    this.#stops.push(
      client.on('snapshot', ({ seq, state }) => {
        this.#seq = seq;
        this.#resubscribing = false;
        this.#become({ ...this.#now, state });
      }),
      client.on('patch', (patch) => {
        if (this.#now.state === undefined || this.#resubscribing) return;
        if (patch.seq !== this.#seq + 1) {
          this.#subscribe();
          return;
        }
        this.#seq = patch.seq;
        this.#become({ ...this.#now, state: mergeState(this.#now.state, patch) });
      }),
      client.on('detail', (patch) => {
        if (patch.key !== this.#watched?.key) return;
        if (patch.seq !== 0 && (this.#rewatching || patch.seq !== this.#detailSeq + 1)) {
          if (!this.#rewatching) this.#watch();
          return;
        }
        this.#detailSeq = patch.seq;
        this.#rewatching = false;
        this.#become({ ...this.#now, detail: mergeDetail(this.#now.detail, patch) });
      }),
      client.onState((state) => {
        if (state === 'open') this.#start();
      }),
    );
    if (client.state === 'open') this.#start();
  }

  get now(): Mirrored {
    return this.#now;
  }

  /** Called after every change; returns a function that stops it. */
  onChange(listener: (now: Mirrored) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Which download is shown in full, and what of it; undefined: none. */
  watch(key: TorrentKey | undefined, parts: readonly DetailPart[] = []): void {
    const { detail } = this.#now;
    this.#watched = key === undefined ? null : { key, parts };
    const kept = detail?.key === key ? detail : undefined;
    if (detail !== undefined) this.#become({ ...this.#now, detail: kept && keepParts(kept, parts) });
    this.#watch();
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
  }

  #start(): void {
    this.#subscribe();
    if (this.#watched !== null) this.#watch();
  }

  #subscribe(): void {
    this.#resubscribing = true;
    // If this fails the connection is lost, and the next one subscribes again.
    this.#client.call('subscribe', { version: BRIDGE_VERSION }).catch(() => undefined);
  }

  #watch(): void {
    this.#rewatching = true;
    this.#client.call('watch', this.#watched).catch(() => undefined);
  }

  #become(now: Mirrored): void {
    this.#now = now;
    for (const listener of this.#listeners) listener(now);
  }
}
