import type { BridgeClient } from '../core/bridge/contract.ts';
import { createActions } from './stores/actions.ts';
import { createBridgeStore } from './stores/bridge-store.ts';
import type { Services } from './stores/context.tsx';
import { followProgram } from './views/frame/follow-program.ts';

/** The window's part in front of a program, before anything is drawn: what is sent meanwhile is not lost. */
export function createServices(client: BridgeClient): Services {
  const { store, mirror } = createBridgeStore(client);
  const services = { client, mirror, bridge: store, actions: createActions(client, store) };
  followProgram(services);
  return services;
}
