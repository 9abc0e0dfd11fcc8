import { type BirpcReturn, createBirpc } from 'birpc';
import { EnsembleError } from '../../base/errors.ts';
import { checkedChannel, failure, type CallOutcome } from '../line/channel.ts';
import type { CommandTable } from './commands.ts';
import {
  BRIDGE_VERSION,
  type BridgeTransport,
  type CommandArgs,
  type CommandName,
  type EventName,
  type Events,
  MAX_BACKLOG,
} from '../contract.ts';
import { DetailPublisher } from './detail-publisher.ts';
import type { Engine } from '../../engine/engine.ts';
import type { HostModel } from './model.ts';
import type { HostServices } from './services.ts';
import { StatePublisher } from './state-publisher.ts';
import { checkCommand } from '../line/validate.ts';

/** Most commands of one window that are carried out at a time. */
const MAX_RUNNING = 256;
/** Commands that may lead to a large answer or event. */
const LARGE: ReadonlySet<CommandName> = new Set([
  'subscribe',
  'watch',
  'list',
  'look',
  'fetchTorrent',
  'preview',
  'browse',
  'feedItems',
  'importCandidates',
]);

interface Window {
  event(name: EventName, payload: unknown): void;
}

/** The connection of one window: carries out its commands, and tells it what changes. */
export class WindowConnection {
  readonly #transport: BridgeTransport;
  readonly #engine: Engine;
  readonly #model: HostModel;
  readonly #commands: CommandTable;
  readonly #allowed: HostServices['allowed'];
  readonly #subscribed: () => void;
  readonly #rpc: BirpcReturn<Window, object, false>;
  readonly #states = new StatePublisher();
  #live = false;
  #detail: DetailPublisher | undefined;
  #visible = true;
  #running = 0;
  #gone = false;
  /** Settles when no large answer is being prepared. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    transport: BridgeTransport,
    { engine, allowed }: Pick<HostServices, 'engine' | 'allowed'>,
    model: HostModel,
    commands: CommandTable,
    subscribed: () => void,
  ) {
    this.#transport = transport;
    this.#engine = engine;
    this.#allowed = allowed;
    this.#model = model;
    this.#commands = commands;
    this.#subscribed = subscribed;
    const channel = checkedChannel(transport, (id) => this.#refuse(id));
    const local = { command: (name: unknown, args: unknown) => this.#command(name, args) };
    this.#rpc = createBirpc<Window, typeof local, false>(local, {
      ...channel,
      proxify: false,
      timeout: -1,
      // Nothing but this one function can be called, whatever the name.
      resolver: (name, found) => (name === 'command' ? found : () => failure(notOfItsForm())),
    });
  }

  /** The download whose peers the window shows, if any. */
  get peersOf(): DetailPublisher['key'] | undefined {
    return this.#visible && this.#detail?.parts.has('peers') === true ? this.#detail.key : undefined;
  }

  /** Whether it is subscribed, visible or not. */
  get live(): boolean {
    return this.#live;
  }

  /** Whether nothing has to be done for it, as it is not visible or not subscribed. */
  get idle(): boolean {
    return !this.#live || !this.#visible;
  }

  send<K extends EventName>(name: K, payload: Events[K]): void {
    // Once the transport is closed this does nothing.
    void this.#rpc.$callEvent('event', name, payload);
  }

  /** As `send`; resolves to whether the window got it: false where it was closed before. */
  async deliver<K extends EventName>(name: K, payload: Events[K]): Promise<boolean> {
    return this.#rpc.$call('event', name, payload).then(
      () => true,
      () => false,
    );
  }

  /** Sends what changed. To be called at most five times a second. */
  publish(): void {
    if (this.idle || this.#transport.backlog > MAX_BACKLOG) return;
    const patch = this.#states.patch(this.#model.state);
    if (patch !== undefined) this.send('patch', patch);
    const detail = this.#detail?.next();
    if (detail !== undefined) this.send('detail', detail);
  }

  /** To be called when its transport has closed. */
  closed(): void {
    this.#live = false;
    this.#gone = true;
    this.#detail = undefined;
    this.#rpc.$close();
  }

  close(): void {
    this.#transport.close();
  }

  async #command(name: unknown, args: unknown): Promise<CallOutcome> {
    if (this.#running >= MAX_RUNNING) {
      return failure(new EnsembleError('in-use', `${MAX_RUNNING} commands are being carried out: wait for them.`));
    }
    this.#running++;
    try {
      const checked = checkCommand(name, args);
      const run = (): unknown => this.#run(checked.name, checked.args);
      if (LARGE.has(checked.name)) return { ok: true, value: await this.#inTurn(run) };
      const value = await run();
      // This answer may be large: the paths of all files of a torrent.
      return { ok: true, value: checked.name === 'assemble' ? await this.#inTurn(() => value) : value };
    } catch (error) {
      return failure(error);
    } finally {
      this.#running--;
    }
  }

  /** Does large work one after the other, each only when the window has received nearly all that was sent before. */
  #inTurn(work: () => unknown): Promise<unknown> {
    const turn = this.#turn.then(async () => {
      await this.#transport.drained();
      if (this.#gone) throw new EnsembleError('interrupted', 'The window is gone.');
      return work();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #run(name: CommandName, args: CommandArgs<CommandName>): unknown {
    switch (name) {
      case 'subscribe':
        return this.#subscribe(args as CommandArgs<'subscribe'>);
      case 'watch':
        return this.#watch(args as CommandArgs<'watch'>);
      case 'setVisible':
        this.#visible = (args as CommandArgs<'setVisible'>).visible;
        return null;
      default:
        if (this.#allowed?.has(name) === false) throw notHere();
        return (this.#commands[name] as (args: unknown) => Promise<unknown>)(args);
    }
  }

  #subscribe({ version }: CommandArgs<'subscribe'>): null {
    if (version !== BRIDGE_VERSION) {
      const message = `The window speaks version ${version} of the bridge, and the program ${BRIDGE_VERSION}: load it again.`;
      throw new EnsembleError('newer-version', message);
    }
    this.#live = true;
    this.#model.forget();
    this.send('snapshot', this.#states.snapshot(this.#model.state));
    this.#subscribed();
    return null;
  }

  #watch(args: CommandArgs<'watch'>): null {
    this.#detail = args === null ? undefined : new DetailPublisher(this.#engine, this.#model, args.key, args.parts);
    if (args !== null) this.#model.open(args.key);
    const first = this.#detail?.next();
    if (first !== undefined) this.send('detail', first);
    return null;
  }

  /** Refuses a message that is no valid call: whoever waits for its answer gets an error, or else the window is told. */
  #refuse(id: string | undefined): void {
    const error = notOfItsForm();
    if (id !== undefined) this.#transport.post({ t: 's', i: id, r: failure(error) });
    else this.send('notice', { kind: 'error', key: null, name: null, message: error.message });
  }
}

function notHere(): EnsembleError {
  return new EnsembleError(
    'usage',
    'This program does one thing and then ends: only `ensemble serve` and the app can be told that.',
  );
}

function notOfItsForm(): EnsembleError {
  return new EnsembleError('invalid-message', 'A message of the window is malformed: nothing was done.');
}
