import type { TorrentKey } from '../base/ids.ts';
import type { EngineEvent } from '../engine/engine.ts';

/** Tells front ends what happens; whoever looks at downloads only now and then hears first which one it is about. */
export class EngineEvents {
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #about: (key: TorrentKey) => void;

  constructor(about: (key: TorrentKey) => void) {
    this.#about = about;
  }

  /** Returns a function that stops listening. */
  on(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: EngineEvent): void {
    if ('key' in event && event.key !== undefined) this.#about(event.key);
    for (const listener of this.#listeners) listener(event);
  }
}
