import { createStore, type StoreApi } from 'zustand/vanilla';
import type { BridgeClient, ConnectionState } from '../../core/bridge/contract.ts';
import { Mirror } from '../../core/bridge/window/mirror.ts';
import type { AppState, Detail } from '../../core/bridge/views.ts';
import { MapData } from '../pieces/map-data.ts';

/** What the program told this window. */
export interface BridgeState {
  readonly connection: ConnectionState;
  /** Undefined: no snapshot has come yet. */
  readonly app: AppState | undefined;
  readonly detail: Detail | undefined;
  /** The watched download's piece map; the same object as long as it is the same download. */
  readonly map: MapData | undefined;
}

/** The program's state, kept by a `Mirror` behind a store that views select from. */
export function createBridgeStore(client: BridgeClient): { store: StoreApi<BridgeState>; mirror: Mirror } {
  const store = createStore<BridgeState>(() => ({
    connection: client.state,
    app: undefined,
    detail: undefined,
    map: undefined,
  }));
  const mirror = new Mirror(client);
  mirror.onChange(({ state, detail }) => {
    const before = store.getState();
    store.setState({ app: state, detail, map: nextMap(before, detail) });
  });
  client.onState((connection) => store.setState({ connection }));
  return { store, mirror };
}

/** Brings the piece map up to date in place, so that only what changed is drawn again. */
function nextMap(before: BridgeState, detail: Detail | undefined): MapData | undefined {
  const map = detail?.map;
  if (!map) return undefined;
  const same = before.detail?.key === detail.key && before.map?.count === map.pieces.length;
  const data = same && before.map ? before.map : new MapData(map.pieces.length);
  if (!same || before.detail?.map !== map) data.update(map);
  return data;
}
