import type { BrowserWindow } from 'electron';
import { Begun } from '../core/base/begun.ts';
import { messageOf } from '../core/base/errors.ts';
import type { Engine } from '../core/engine/engine.ts';
import type { BridgeHost } from '../core/bridge/host/host.ts';
import { createBridgeHost, openChoices } from '../core/entry/bridge-host.ts';
import { openControl } from '../core/entry/open-control.ts';
import { createEngine } from '../core/entry/coordinator.ts';
import { HttpServing } from '../core/entry/http-serving.ts';
import { holdStateFolder } from '../core/entry/state-folder.ts';
import type { AppPaths } from './paths.ts';
import { desktopPlayer } from './player.ts';
import { shellService } from './shell-service.ts';
import { UtilityProcessHost } from './utility-process-host.ts';

/** How much of the time for leaving, in ms, may be spent on ending the local swarm. */
const DEMO_WITHIN = 800;

/** The engine, and the bridge's end over it. */
export interface Started {
  readonly engine: Engine;
  readonly host: BridgeHost;
  /** Leaves the swarms, saves, ends the processes. */
  close(): Promise<void>;
}

/** Starts the coordinator in this process, with every identity as a utility process, and the bridge's end over it. */
export async function startEngine(
  paths: AppPaths,
  window: () => BrowserWindow | undefined,
  log: (level: string, message: string) => void,
): Promise<Started> {
  const begun = new Begun((error) => log('warn', messageOf(error)));
  try {
    const stateFolder = paths.state;
    const lock = await holdStateFolder(stateFolder);
    begun.push(() => lock.release());
    const processHost = new UtilityProcessHost(paths.scripts, (label, text) => log('warn', `${label}: ${text}`));
    const stateHeld = (): Promise<boolean> => lock.sure();
    const choices = await openChoices(stateFolder, stateHeld);
    const settings = choices.settings.current;
    const engine = await createEngine(paths.scripts, { stateFolder, stateHeld, processHost, settings });
    begun.push(() => engine.close());
    engine.onEvent((event) => {
      if (event.type === 'log') log(event.level, event.message);
    });
    const serving = new HttpServing(engine);
    begun.push(() => serving.close());
    await serving.start(settings.http, (text) => log('warn', text));
    const player = desktopPlayer(engine);
    begun.push(() => player.close());
    const host = createBridgeHost({ engine, choices, player, serving, shell: shellService(window) });
    // The local swarm of "Try it" ends first, with its download, but may not hold up the rest.
    begun.push(() => Promise.race([host.close(), new Promise((resolve) => setTimeout(resolve, DEMO_WITHIN))]));
    const control = await openControl({ stateFolder, role: 'app', bridge: () => host }).catch((error: unknown) =>
      log('warn', `Commands cannot ask this program: ${messageOf(error)}`),
    );
    if (control !== undefined) begun.push(() => control.close());
    return { engine, host, close: () => begun.end() };
  } catch (error) {
    await begun.end();
    throw error;
  }
}
