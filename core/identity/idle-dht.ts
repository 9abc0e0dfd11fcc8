import type { InfoHash, TorrentKey } from '../base/ids.ts';
import type { DhtAccess } from '../discovery/dht-source.ts';
import type { DhtDesk } from './dht-desk.ts';
import type { DhtToIdentity } from './dht-messages.ts';
import type { ListenSocket } from './listen-socket.ts';
import type { ListenSockets } from './listen-sockets.ts';

type Always = Extract<DhtToIdentity, { readonly type: 'dht-always' }>;

/** Stands for no torrent. */
const NOTHING = '0'.repeat(40);

/** Has this process keep its addresses open and nodes running there, though no torrent wants that (the setting `dhtAlways`). */
export class IdleDht {
  readonly #sockets: ListenSockets;
  readonly #desk: DhtDesk;
  #held: { readonly socket: ListenSocket; readonly access: DhtAccess } | undefined;
  /** Settles after the last change; they follow one another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(sockets: ListenSockets, desk: DhtDesk) {
    this.#sockets = sockets;
    this.#desk = desk;
  }

  set(message: Always): Promise<void> {
    this.#turn = this.#turn.catch(() => {}).then(() => this.#change(message));
    return this.#turn;
  }

  async #change({ on, address, port }: Always): Promise<void> {
    const held = this.#held;
    const socket = this.#sockets.at(address);
    if (on && held?.socket === socket) return;
    this.#held = undefined;
    held?.access.close();
    await held?.socket.leave(NOTHING as TorrentKey);
    if (!on) return;
    const nobody = {
      encryption: () => 'off' as const,
      takes: () => false,
      admit: () => undefined,
      up: () => {},
      down: () => {},
      mapAt: undefined,
      moved: () => {},
    };
    this.#held = { socket, access: this.#desk.open(socket, { infoHash: NOTHING as InfoHash, nodes: [] }, () => {}) };
    await socket.join(NOTHING as TorrentKey, [], port, nobody);
  }
}
