import type { Millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Disk, DiskFile } from '../ports/disk.ts';
import type { Connection, ConnectionHandler, Net } from '../ports/net.ts';
import type { Ports } from '../ports/ports.ts';

const NEVER = new Promise<never>(() => {});

/** One connection of a mortal process, with the host that it leads to. */
export interface MortalConnection {
  readonly connection: Connection;
  readonly dialled: boolean;
}

/**
 * The ports of one simulated process. When it dies its timers stop, its sockets and files are closed, and none of its code runs any
 * more; what it had given to the disk stays there.
 */
export class Mortal {
  readonly ports: Ports;
  /** Connections that are established or being made. */
  readonly connections = new Map<Connection, MortalConnection>();
  readonly #timers = new Set<Timer>();
  readonly #closers = new Set<() => unknown>();
  /** Given to the disk, and not done yet. */
  readonly #atDisk = new Set<Promise<unknown>>();
  #dead = false;

  constructor(ports: Ports) {
    this.ports = {
      ...ports,
      clock: this.#clock(ports.clock),
      net: this.#net(ports.net),
      disk: this.#disk(ports.disk),
      http: this.#guard(ports.http),
      hasher: ports.hasher,
    };
  }

  /** How many timers are set, and sockets and files open. */
  get handles(): number {
    return this.#timers.size + this.#closers.size + this.connections.size;
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const timer of this.#timers) timer.cancel();
    for (const connection of this.connections.keys()) connection.destroy();
    for (const close of this.#closers) close();
    this.#timers.clear();
    this.#closers.clear();
    this.connections.clear();
  }

  /** What it had given to the disk and is not done: a system waits for that, too, before it says that a process has ended. */
  get dying(): Promise<unknown> | undefined {
    return this.#atDisk.size === 0 ? undefined : Promise.allSettled(this.#atDisk);
  }

  #clock(clock: Clock): Clock {
    const set = (make: (run: () => void) => Timer, once: boolean, task: () => void): Timer => {
      if (this.#dead) return { cancel: () => {} };
      const timer = make(() => {
        if (once) this.#timers.delete(handle);
        if (!this.#dead) task();
      });
      const handle: Timer = {
        cancel: () => {
          this.#timers.delete(handle);
          timer.cancel();
        },
      };
      this.#timers.add(handle);
      return handle;
    };
    return {
      now: () => clock.now(),
      slept: () => clock.slept(),
      wall: () => clock.wall(),
      after: (delay: Millis, task) => set((run) => clock.after(delay, run), true, task),
      every: (period: Millis, task) => set((run) => clock.every(period, run), false, task),
      soon: (task) => clock.soon(() => (this.#dead ? undefined : task())),
    };
  }

  #net(net: Net): Net {
    return {
      dial: (options, handler) => {
        const connection = net.dial(options, this.#handler(handler));
        this.#adopt(connection, true);
        return connection;
      },
      listen: async (options, accept) => {
        const listener = await net.listen(options, (connection) => {
          const handler = this.#dead ? undefined : accept(connection);
          if (handler === undefined) return undefined;
          this.#adopt(connection, false);
          return this.#handler(handler);
        });
        const close = (): Promise<void> => {
          this.#closers.delete(close);
          return listener.close();
        };
        this.#closers.add(close);
        if (this.#dead) await close();
        return {
          local: listener.local,
          get standing() {
            return listener.standing;
          },
          close,
        };
      },
      datagram: async (options, handler) => {
        const socket = await net.datagram(options, {
          received: (data, host, port) => (this.#dead ? undefined : handler.received(data, host, port)),
          failed: (code, host, port) => (this.#dead ? undefined : handler.failed?.(code, host, port)),
        });
        const close = (): void => {
          this.#closers.delete(close);
          socket.close();
        };
        this.#closers.add(close);
        if (this.#dead) close();
        return { local: socket.local, send: (data, host, port) => socket.send(data, host, port), close };
      },
      resolve: (host, from) => this.#alive(net.resolve(host, from)),
      ownNameServers: (from) => this.#alive(net.ownNameServers(from)),
      leadsOut: (family, from) => this.#alive(net.leadsOut(family, from)),
    };
  }

  #adopt(connection: Connection, dialled: boolean): void {
    this.connections.set(connection, { connection, dialled });
    const handOver = connection.handOver.bind(connection);
    connection.handOver = (handler) => handOver(this.#handler(handler));
  }

  #handler(handler: ConnectionHandler): ConnectionHandler {
    return {
      connected: (connection) => (this.#dead ? undefined : handler.connected?.(connection)),
      data: (connection, data) => (this.#dead ? undefined : handler.data(connection, data)),
      drained: (connection) => (this.#dead ? undefined : handler.drained?.(connection)),
      closed: (connection, reason) => {
        this.connections.delete(connection);
        if (!this.#dead) handler.closed(connection, reason);
      },
    };
  }

  #disk(disk: Disk): Disk {
    const within = (folder: string, real?: string): Disk => this.#disk(disk.within(folder, real));
    const guarded = this.#guard<Disk>(disk, (result) => this.#file(result), this.#atDisk);
    return new Proxy(guarded, {
      get: (object, key) => (key === 'within' ? within : (Reflect.get(object, key) as unknown)),
    });
  }

  #file(result: unknown): unknown {
    if (typeof result !== 'object' || result === null || !('truncate' in result)) return result;
    const file = result as DiskFile;
    const release = (): void => void file.close().catch(() => {});
    this.#closers.add(release);
    if (this.#dead) release();
    const guarded = this.#guard(file, undefined, this.#atDisk);
    const close = (): Promise<void> => {
      this.#closers.delete(release);
      return guarded.close();
    };
    return { ...guarded, close };
  }

  /** Wraps `target` so that its methods do nothing after the death, and promises that are open then stay open. `open` has those. */
  #guard<T extends object>(
    target: T,
    wrap: (result: unknown) => unknown = (result) => result,
    open?: Set<Promise<unknown>>,
  ): T {
    return new Proxy(target, {
      ownKeys: (object) => Reflect.ownKeys(object),
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key, object);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (this.#dead) return NEVER;
          const result: unknown = Reflect.apply(value as (...a: unknown[]) => unknown, object, args);
          if (!(result instanceof Promise)) return result;
          open?.add(result);
          const over = (): unknown => open?.delete(result);
          result.then(over, over);
          return this.#alive(result.then(wrap));
        };
      },
    });
  }

  #alive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => (this.#dead ? undefined : resolve(value)),
        (error: unknown) => (this.#dead ? undefined : reject(error)),
      );
    });
  }
}
