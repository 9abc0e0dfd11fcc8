/** Most messages that travel as one. */
const MOST = 256;

/**
 * Messages of one turn of the event loop travel as one, in order: with thousands of torrents each message of its own costs a system
 * call here, another one there, and a wake.
 */
export class MessageBatch {
  readonly #send: (messages: readonly unknown[]) => void;
  #waiting: unknown[] = [];
  #scheduled = false;

  constructor(send: (messages: readonly unknown[]) => void) {
    this.#send = send;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  post(message: unknown): void {
    this.#waiting.push(message);
    if (this.#waiting.length >= MOST) return this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.empty) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#send(messages);
  }
}

/** Gives a listener each message of a batch. One that it fails with is an error of this process, and does not keep it from the others. */
export function unpack(batch: unknown, listener: (message: unknown) => void): void {
  for (const message of Array.isArray(batch) ? (batch as readonly unknown[]) : [batch]) {
    try {
      listener(message);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
