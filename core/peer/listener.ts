import type { Endpoint } from '../base/endpoint.ts';
import type { Listener } from '../ports/net.ts';
import type { Ports } from '../ports/ports.ts';
import type { Dispatch, Encrypted } from './half-open.ts';
import { HalfOpen } from './half-open.ts';
import { SILENCE_TIMEOUT, STUCK_TIMEOUT } from './time-outs.ts';

/** Takes in peers for all torrents of a process on one address: each goes where its info-hash belongs. */
export class PeerListener {
  readonly #listener: Listener;
  readonly #halfOpen: HalfOpen;

  private constructor(listener: Listener, halfOpen: HalfOpen) {
    this.#listener = listener;
    this.#halfOpen = halfOpen;
  }

  /**
   * Listens on `port` or, where that is taken, on any free one. `encrypted` undefined: only plain handshakes are understood. Rejects
   * with EnsembleError('network') where neither works.
   */
  static async open(
    ports: Pick<Ports, 'net' | 'clock'>,
    options: { readonly address?: string | undefined; readonly port: number },
    dispatch: Dispatch,
    encrypted?: Encrypted,
  ): Promise<PeerListener> {
    let standing = (): number => 0;
    const halfOpen = new HalfOpen(ports.clock, dispatch, () => standing(), encrypted);
    const listen = (port: number): Promise<Listener> =>
      ports.net.listen(
        {
          ...(options.address !== undefined && { address: options.address }),
          port,
          silenceTimeout: SILENCE_TIMEOUT,
          stuckTimeout: STUCK_TIMEOUT,
        },
        (connection) => halfOpen.accept(connection),
      );
    const listener = await listen(options.port).catch((error: unknown) => {
      if (options.port === 0) throw error;
      return listen(0);
    });
    standing = () => listener.standing;
    return new PeerListener(listener, halfOpen);
  }

  /** The address and port on which it actually listens. */
  get local(): Endpoint {
    return this.#listener.local;
  }

  /** Accepts nobody from now on; established sessions stay. */
  async close(): Promise<void> {
    this.#halfOpen.close();
    await this.#listener.close();
  }
}
