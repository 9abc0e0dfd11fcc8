import { firstWay } from '../../engine/link-way.ts';
import type { HostServices, WayOut } from './services.ts';

/** By which way new downloads begin, so that nothing is asked for beside it. Throws as `firstWay` does. */
export function usualWay({ settings, engine }: Pick<HostServices, 'settings' | 'engine'>): WayOut {
  return firstWay(settings.current, settings.current.linkProfiles, engine.linkStates());
}
