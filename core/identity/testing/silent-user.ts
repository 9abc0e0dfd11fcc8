import type { ListenUser } from '../listen-socket.ts';

/** A torrent that wants an address and lets nobody in, with some of it otherwise. */
export function silentUser(changes: Partial<ListenUser> = {}): ListenUser {
  return {
    encryption: () => 'off',
    takes: (transport) => transport === 'tcp',
    admit: () => undefined,
    up: () => {},
    down: () => {},
    mapAt: undefined,
    moved: () => {},
    wayCame: () => {},
    ...changes,
  };
}
