import type { Endpoint } from '../base/endpoint.ts';
import type { Connection, ConnectionHandler, Listener } from '../ports/net.ts';
import type { Ports } from '../ports/ports.ts';
import type { Dispatch, Encrypted } from './half-open.ts';
import { HalfOpen } from './half-open.ts';
import { SILENCE_TIMEOUT, STUCK_TIMEOUT } from './time-outs.ts';

/** Takes in peers for all torrents of a process on one address: each goes where its info-hash belongs. */
export class PeerListener {
  /** The address and port on which it listens, or would if it took connections over TCP. */
  readonly local: Endpoint;
  readonly #listen: (port: number) => Promise<Listener>;
  readonly #halfOpen: HalfOpen;
  #listener: Listener | undefined;

  private constructor(listener: Listener, listen: (port: number) => Promise<Listener>, halfOpen: HalfOpen) {
    this.local = listener.local;
    this.#listener = listener;
    this.#listen = listen;
    this.#halfOpen = halfOpen;
  }

  /**
   * Listens on `port` or, where that is taken, on any free one. `encrypted` undefined: only plain handshakes are understood. `others`:
   * how many connections stand that came another way than by TCP. Rejects with EnsembleError('network') where neither works.
   */
  static async open(
    ports: Pick<Ports, 'net' | 'clock'>,
    options: { readonly address?: string | undefined; readonly port: number },
    dispatch: Dispatch,
    more: { readonly encrypted?: Encrypted; readonly others?: () => number } = {},
  ): Promise<PeerListener> {
    const standing = (): number => opened.standing + (more.others?.() ?? 0);
    const halfOpen = new HalfOpen(ports.clock, dispatch, standing, more.encrypted);
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
    const opened = new PeerListener(listener, listen, halfOpen);
    return opened;
  }

  /** How many connections stand that came over TCP. */
  get standing(): number {
    return this.#listener?.standing ?? 0;
  }

  /** Whether it takes connections over TCP. */
  get overTcp(): boolean {
    return this.#listener !== undefined;
  }

  /**
   * Takes connections over TCP from now on, or refuses them: whoever is let in and then turned away does not try another way. Rejects
   * with EnsembleError('network') where the port is not free any more.
   */
  async setOverTcp(on: boolean): Promise<void> {
    if (on) this.#listener ??= await this.#listen(this.local.port);
    else {
      const listener = this.#listener;
      this.#listener = undefined;
      await listener?.close();
    }
  }

  /** Takes in a connection that came another way than by TCP; returns who hears of it. */
  accept(connection: Connection): ConnectionHandler {
    return this.#halfOpen.accept(connection);
  }

  /** Accepts nobody from now on; established sessions stay. */
  async close(): Promise<void> {
    this.#halfOpen.close();
    await this.setOverTcp(false);
  }
}
