type Listener = () => void;

/** What work that may be stopped listens to: the signal of a `Stopper`, or of an `AbortController`. */
export interface StopSignal {
  readonly aborted: boolean;
  /** Why it was stopped. */
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: Listener, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: Listener): void;
}

/**
 * Stops what listens to it, once. What an `AbortController` does, for work of which there are thousands: of Node's a download or an
 * announce takes several, and each is an event target with a map of its own.
 */
export class Stopper implements StopSignal {
  #aborted = false;
  #reason: unknown;
  /** Most have one listener at a time. */
  #listeners: Listener | Set<Listener> | undefined;

  get signal(): StopSignal {
    return this;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** `reason`: what the work that is stopped rejects with, where it passes it on. */
  abort(reason: unknown = new DOMException('It was stopped.', 'AbortError')): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const listeners = this.#listeners;
    if (typeof listeners === 'function') listeners();
    // One of them may take others away.
    else if (listeners !== undefined) for (const listener of listeners) listener();
    this.#listeners = undefined;
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    if (this.#aborted || this.#listeners === listener) return;
    if (this.#listeners === undefined) this.#listeners = listener;
    else if (typeof this.#listeners === 'function') this.#listeners = new Set([this.#listeners, listener]);
    else this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    if (this.#listeners === listener) this.#listeners = undefined;
    else if (typeof this.#listeners === 'object') this.#listeners.delete(listener);
  }
}
