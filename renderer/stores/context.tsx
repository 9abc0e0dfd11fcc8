import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand/react';
import type { StoreApi } from 'zustand/vanilla';
import type { TorrentKey } from '../../core/base/ids.ts';
import type { BridgeClient } from '../../core/bridge/contract.ts';
import type { Mirror } from '../../core/bridge/window/mirror.ts';
import type { AddressView, DownloadView } from '../../core/bridge/views.ts';
import type { LinkProfile } from '../../core/engine/link-profiles.ts';
import type { Actions } from './actions.ts';
import type { BridgeState } from './bridge-store.ts';
import { ui, type UiState } from './ui-store.ts';

/** What every view may use. */
export interface Services {
  readonly client: BridgeClient;
  readonly mirror: Mirror;
  readonly bridge: StoreApi<BridgeState>;
  readonly actions: Actions;
}

const NO_ADDRESSES: readonly AddressView[] = [];
const NO_LINKS: readonly LinkProfile[] = [];

const Context = createContext<Services | undefined>(undefined);

export function ServicesProvider(props: { readonly services: Services; readonly children: ReactNode }): ReactNode {
  return <Context value={props.services}>{props.children}</Context>;
}

export function useServices(): Services {
  const services = useContext(Context);
  if (services === undefined) throw new Error('A view stands outside of ServicesProvider.');
  return services;
}

/** A part of what the program told; views are drawn again when it changes. */
export function useBridge<T>(select: (state: BridgeState) => T): T {
  return useStore(useServices().bridge, select);
}

export function useUi<T>(select: (state: UiState) => T): T {
  return useStore(ui, select);
}

/** The download with this key; undefined: there is none. */
export function useDownload(key: TorrentKey | undefined): DownloadView | undefined {
  return useBridge((state) => state.app?.downloads.find((one) => one.key === key));
}

/** Addresses of the program's machine. */
export function useAddresses(): readonly AddressView[] {
  return useBridge((state) => state.app?.addresses ?? NO_ADDRESSES);
}

/** Links that have names. */
export function useLinkProfiles(): readonly LinkProfile[] {
  return useBridge((state) => state.app?.settings.linkProfiles ?? NO_LINKS);
}

export function useActions(): Actions {
  return useServices().actions;
}
