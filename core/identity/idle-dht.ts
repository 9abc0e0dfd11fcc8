import type { InfoHash, TorrentKey } from '../base/ids.ts';
import type { DhtAccess } from '../discovery/dht-source.ts';
import type { DhtDesk } from './dht-desk.ts';
import type { DhtToIdentity } from './dht-messages.ts';
import type { HeldLink } from './links.ts';
import type { ListenSocket } from './listen-socket.ts';
import type { HostNeeds } from './host-needs.ts';

type Always = Extract<DhtToIdentity, { readonly type: 'dht-always' }>;

/** Stands for no torrent. */
const NOTHING = '0'.repeat(40);

/** Has this process keep its addresses open and nodes running there, though no torrent wants that (the setting `dhtAlways`). */
export class IdleDht {
  readonly #host: Pick<HostNeeds, 'links' | 'listenSockets'>;
  readonly #desk: DhtDesk;
  #held: { readonly socket: ListenSocket; readonly access: DhtAccess; readonly link: HeldLink } | undefined;
  /** Settles after the last change; they follow one another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(host: Pick<HostNeeds, 'links' | 'listenSockets'>, desk: DhtDesk) {
    this.#host = host;
    this.#desk = desk;
  }

  set(message: Always): Promise<void> {
    this.#turn = this.#turn.catch(() => {}).then(() => this.#change(message));
    return this.#turn;
  }

  async #change({ on, address, proxy, port }: Always): Promise<void> {
    const held = this.#held;
    const { links, listenSockets } = this.#host;
    const way = { ...(address !== undefined && { address }), ...(proxy !== undefined && { proxy }) };
    const link = links.hold(way);
    const socket = listenSockets.at(address, link.ports);
    if (on && held?.socket === socket) return link.release();
    this.#held = undefined;
    held?.access.close();
    await held?.socket.leave(NOTHING as TorrentKey);
    held?.link.release();
    if (!on) return link.release();
    const nobody = {
      encryption: () => 'off' as const,
      takes: () => false,
      admit: () => undefined,
      up: () => {},
      down: () => {},
      mapAt: undefined,
      moved: () => {},
      wayCame: () => {},
    };
    const access = this.#desk.open(socket, { infoHash: NOTHING as InfoHash, nodes: [] }, () => {});
    this.#held = { socket, access, link };
    await socket.join(NOTHING as TorrentKey, [], port, nobody);
  }
}
