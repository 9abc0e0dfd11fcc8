import { type BirpcReturn, createBirpc } from 'birpc';
import { EnsembleError } from '../../base/errors.ts';
import { checkedChannel, valueOf } from '../line/channel.ts';
import type {
  BridgeClient,
  BridgeTransport,
  CommandArgs,
  CommandName,
  CommandResult,
  ConnectionState,
  EventName,
  Events,
} from '../contract.ts';

export interface ClientOptions {
  /** Resolves when the transport is open; rejects where it cannot be opened. */
  readonly connect: () => Promise<BridgeTransport>;
  /** Resolves when the next attempt is due; undefined: it connects only once. `attempt` counts from 1. */
  readonly retry?: (attempt: number) => Promise<void>;
}

/** Functions of the host, as birpc sees them. */
interface Remote {
  command(name: CommandName, args: unknown): unknown;
}
type Rpc = BirpcReturn<Remote, object, false>;

/** The window's end over any transport: typed calls, events, and a new connection where one was lost. */
export class RpcClient implements BridgeClient {
  readonly #o: ClientOptions;
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>();
  readonly #stateListeners = new Set<(state: ConnectionState) => void>();
  #state: ConnectionState = 'connecting';
  #transport: BridgeTransport | undefined;
  #rpc: Rpc | undefined;
  /** Calls that wait for the connection. */
  #waiting: { resolve(): void; reject(error: Error): void }[] = [];

  constructor(options: ClientOptions) {
    this.#o = options;
    void this.#connect(0);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  async call<K extends CommandName>(name: K, args: CommandArgs<K>): Promise<CommandResult<K>> {
    if (this.#state === 'connecting') {
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }
    const rpc = this.#rpc;
    if (rpc === undefined) throw gone();
    return valueOf(await rpc.$call('command', name, args)) as CommandResult<K>;
  }

  on<K extends EventName>(name: K, listener: (payload: Events[K]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
    return () => set.delete(listener);
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#transport?.close();
    this.#end();
  }

  async #connect(failed: number): Promise<void> {
    for (let attempt = failed; this.#state === 'connecting'; attempt++) {
      try {
        if (attempt > 0) await this.#o.retry?.(attempt);
        if (this.#state !== 'connecting') return;
        this.#opened(await this.#o.connect());
        return;
      } catch {
        if (this.#o.retry === undefined) this.#end();
      }
    }
  }

  #opened(transport: BridgeTransport): void {
    if (this.#state !== 'connecting') {
      transport.close();
      return;
    }
    this.#transport = transport;
    transport.onClose(() => this.#lost(transport));
    const local = { event: (name: EventName, payload: never) => this.#event(name, payload) };
    // Malformed messages of a host get no answer.
    const channel = checkedChannel(transport, () => {});
    this.#rpc = createBirpc<Remote, typeof local, false>(local, {
      ...channel,
      proxify: false,
      // No time-out, as assembly may take long; a lost connection ends pending calls.
      timeout: -1,
    });
    this.#enter('open');
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.resolve();
  }

  #lost(transport: BridgeTransport): void {
    if (this.#transport !== transport) return;
    this.#transport = undefined;
    this.#rpc?.$close(gone());
    this.#rpc = undefined;
    if (this.#state !== 'open') return;
    if (this.#o.retry === undefined) this.#end();
    else {
      this.#enter('connecting');
      void this.#connect(1);
    }
  }

  #end(): void {
    if (this.#state === 'closed') return;
    this.#rpc?.$close(gone());
    this.#rpc = undefined;
    this.#enter('closed');
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.reject(gone());
  }

  #event(name: EventName, payload: never): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(payload);
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}

function gone(): EnsembleError {
  return new EnsembleError('interrupted', 'The connection to the program was lost.');
}
