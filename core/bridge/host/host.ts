import { type Millis, millis, type TorrentKey } from '../../base/ids.ts';
import { type CommandTable, commandTable, type ConnectionCommand } from './commands.ts';
import { AllTime } from './all-time.ts';
import { WindowConnection } from './window-connection.ts';
import {
  type BridgeTransport,
  type CommandArgs,
  type CommandName,
  type CommandResult,
  type Events,
  type MenuAction,
  type Notice,
  PATCH_PERIOD,
} from '../contract.ts';
import { checkCommand } from '../line/validate.ts';
import { withoutNewPrograms } from './new-programs.ts';
import { LimitSwitch } from './limit-switch.ts';
import { HostModel } from './model.ts';
import type { HostServices } from './services.ts';
import { Feeds } from './feeds.ts';
import { Makings } from './makings.ts';
import { WatchFolders } from './watch-folders.ts';
import type { AppState } from '../views.ts';
import { WaitingOffers } from './waiting-offers.ts';

/** Every how many ticks the speed is sampled. */
const SAMPLE_TICKS = 5;
/** So long somebody who looks without a window is told of the peers of a download, in ms. */
const LOOKED_AT = 10_000;
/** Most downloads that are looked at so. */
const MAX_LOOKED_AT = 8;
/** The program's end of the bridge, through which all windows, over any transport, see the one engine. */
export class BridgeHost {
  readonly #services: HostServices;
  readonly #limits: LimitSwitch;
  readonly #model: HostModel;
  /** As this machine's user may give them, and as windows and remote clients may. */
  readonly #owners: CommandTable;
  readonly #commands: CommandTable;
  readonly #connections = new Set<WindowConnection>();
  readonly #noticed = new Set<(notice: Notice) => void>();
  readonly #watched: WatchFolders;
  readonly #feeds: Feeds;
  readonly #makings: Makings;
  readonly #allTime: AllTime;
  readonly #timer: { cancel(): void };
  readonly #waiting = new WaitingOffers();
  /** Downloads that are looked at without a window, and until when. */
  readonly #looked = new Map<TorrentKey, Millis>();
  #tick = 0;

  constructor(services: HostServices) {
    this.#services = services;
    this.#limits = new LimitSwitch(services);
    this.#feeds = new Feeds(
      services,
      { preview: (args) => this.#owners.preview(args), add: (args) => this.#owners.add(args) },
      { notify: (notice) => this.#notice(notice), changed: () => this.#model.forget() },
    );
    this.#makings = new Makings(services);
    const also = { feeds: this.#feeds, makings: this.#makings };
    this.#model = new HostModel(services, this.#limits, also, (notice) => this.#notice(notice));
    this.#allTime = new AllTime(services);
    this.#owners = commandTable(services, this.#model, this.#limits, this.#allTime, also);
    this.#commands = services.app.mayRunPrograms ? this.#owners : withoutNewPrograms(this.#owners, services);
    this.#watched = new WatchFolders(services, this.#owners, (notice) => this.#notice(notice));
    this.#limits.look();
    this.#timer = services.clock.every(millis(PATCH_PERIOD), () => this.#beat());
  }

  /** The current state as windows see it. */
  get state(): AppState {
    return this.#model.state;
  }

  /** Whether the alternative limits hold now. */
  get alternative(): boolean {
    return this.#limits.alternative;
  }

  /** Does what a window may ask for, checked in the same way, for a front end in this process. */
  async call<K extends Exclude<CommandName, ConnectionCommand>>(
    name: K,
    args: CommandArgs<K>,
  ): Promise<CommandResult<K>> {
    const checked = checkCommand(name, args).args as CommandArgs<K>;
    return this.#commands[name](checked);
  }

  /** Has the peers of a download reported for some seconds. */
  lookAt(key: TorrentKey): void {
    const isNew = !this.#looked.delete(key);
    this.#looked.set(key, millis(this.#services.clock.now() + LOOKED_AT));
    const [oldest] = this.#looked.keys();
    if (this.#looked.size > MAX_LOOKED_AT && oldest !== undefined) this.#looked.delete(oldest);
    if (isNew) this.#services.engine.watchPeers(key);
  }

  /** A window came; it is served until its transport closes. `owner`: it is a program of this machine's user. */
  attach(transport: BridgeTransport, who: 'window' | 'owner' = 'window'): void {
    const commands = who === 'owner' ? this.#owners : this.#commands;
    const connection = new WindowConnection(transport, this.#services, this.#model, commands, () => {
      const { offers, leftOut } = this.#waiting.take();
      for (const offer of offers) this.offer(offer);
      if (leftOut === 0) return;
      const message = `${leftOut} of the files that were opened did not fit into memory before there was a window: open them again.`;
      connection.send('notice', { kind: 'error', key: null, name: null, message });
    });
    this.#connections.add(connection);
    transport.onClose(() => {
      connection.closed();
      this.#connections.delete(connection);
    });
  }

  /**
   * Opens the Add dialog in a window, if possible a visible one; if there is none, or it closes before it got the offer, in the
   * next one.
   */
  offer(offer: Events['offer']): void {
    const windows = [...this.#connections].filter((connection) => connection.live);
    const window = windows.find((connection) => !connection.idle) ?? windows[0];
    if (window !== undefined) void this.#deliver(window, offer);
    else this.#waiting.keep(offer);
  }

  /** The same with the .torrent file at an address, which is fetched as windows have it fetched. Rejects with a sentence. */
  async offerUrl(url: string): Promise<void> {
    const source = await this.#commands.fetchTorrent({ url });
    this.offer({ source, fileName: new URL(url).pathname.split('/').at(-1) || url });
  }

  /** A choice in the native menu. */
  menu(action: MenuAction): void {
    for (const connection of this.#connections) connection.send('menu', { action });
  }

  /** Called with what the desktop shell may notify of; returns a function that stops listening. */
  onNotice(listener: (notice: Notice) => void): () => void {
    this.#noticed.add(listener);
    return () => this.#noticed.delete(listener);
  }

  /** Closes every window's connection and ends the local swarm. Whoever made the engine closes it. */
  async close(): Promise<void> {
    this.#timer.cancel();
    for (const connection of this.#connections) connection.close();
    this.#makings.cancel();
    await this.#feeds.close();
    await this.#model.keep();
    await this.#allTime.keep();
    if (this.#model.state.demo !== 'off') await this.#commands.stopDemo(null);
  }

  async #deliver(window: WindowConnection, offer: Events['offer']): Promise<void> {
    if (await window.deliver('offer', offer)) return;
    if (!window.live) return this.offer(offer);
    // The window could not show it, and would not be able to the next time either.
    const message = 'The window could not show what was opened: add it by hand.';
    window.send('notice', { kind: 'error', key: null, name: null, message });
  }

  #beat(): void {
    if (++this.#tick % SAMPLE_TICKS === 0) {
      this.#limits.look();
      this.#model.everySecond();
      this.#watchPeers();
      this.#watched.everySecond();
      this.#feeds.everySecond();
      this.#allTime.everySecond(this.#model.snapshots);
    } else if ([...this.#connections].every((connection) => connection.idle)) return;
    else this.#model.forget();
    for (const connection of this.#connections) connection.publish();
  }

  /** The engine reports the peers of one download at a time: if several downloads are looked at, these take turns. */
  #watchPeers(): void {
    const now = this.#services.clock.now();
    for (const [key, until] of this.#looked) if (until <= now) this.#looked.delete(key);
    const inWindows = [...this.#connections].map(({ peersOf }) => peersOf).filter((x) => x !== undefined);
    const wanted = [...new Set([...inWindows, ...this.#looked.keys()])];
    this.#services.engine.watchPeers(wanted[Math.floor(this.#tick / SAMPLE_TICKS) % wanted.length]);
  }

  #notice(notice: Notice): void {
    for (const connection of this.#connections) connection.send('notice', notice);
    for (const listener of this.#noticed) listener(notice);
  }
}
