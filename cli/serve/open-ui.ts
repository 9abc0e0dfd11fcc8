import type { Endpoint } from '../../core/base/endpoint.ts';
import { Begun } from '../../core/base/begun.ts';
import { messageOf } from '../../core/base/errors.ts';
import { millis } from '../../core/base/ids.ts';
import type { Events } from '../../core/bridge/contract.ts';
import { openAccessFile } from '../../core/entry/access-file.ts';
import { createBridgeHost, openChoices, usersFolder } from '../../core/entry/bridge-host.ts';
import { createEngine } from '../../core/entry/coordinator.ts';
import { openRpc } from '../../core/entry/open-rpc.ts';
import { openControl } from '../../core/entry/open-control.ts';
import type { EntryScripts } from '../../core/entry/entry-scripts.ts';
import { HttpServing } from '../../core/entry/http-serving.ts';
import { holdStateFolder } from '../../core/entry/state-folder.ts';
import { NodeClock } from '../../core/node/clock.ts';
import { NodeRandom } from '../../core/node/random.ts';
import type { KeptAccess } from './access.ts';
import { loadPage } from './page.ts';
import { isPassword } from './password.ts';
import { Player } from './player.ts';
import { UiServer } from './server.ts';

/** How much of the time for leaving may be spent on ending the local swarm. */
const DEMO_WITHIN = millis(800);

export interface UiOptions {
  readonly host: string;
  readonly port: number;
  /** Absolute; none: the user's folder for downloads. */
  readonly roots: readonly string[];
  /** Absolute. */
  readonly stateFolder: string;
  /** Nodes of the DHT to start from, whatever the settings say. */
  readonly dhtBootstrap?: readonly Endpoint[];
  /** The token of the URL; undefined: a new one. */
  readonly token?: string | undefined;
  /** Certificate and key, in PEM. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** Where a reverse proxy serves it. */
  readonly publicUrl?: URL | undefined;
  /** Canonical addresses of reverse proxies whose word on who asks counts. */
  readonly trustedProxies?: readonly string[];
  /** Whether whoever is let in may say which programs this machine runs. */
  readonly allowPrograms?: boolean;
  /** Clients of Transmission's protocol are answered, who say these (`user:password`); undefined: none are. */
  readonly rpcCredentials?: string | undefined;
  /** Called when one of them asks for the end of the program. */
  readonly end?: () => void;
  /** Called with sentences about refused visitors and trouble of the engine. */
  readonly warn: (text: string) => void;
}

/** A served UI with the engine behind it. */
export interface Ui {
  /** The URL to open in a browser, with the token. */
  readonly url: string;
  /** Opens the Add dialog with this in the first window that comes. */
  offer(offer: Events['offer']): void;
  /** The same with the .torrent file at an address; what goes wrong is said by `warn`. */
  offerUrl(url: string): void;
  /** Leaves all swarms, saves, ends the processes. */
  close(): Promise<void>;
}

/** Starts everything for a browser's UI, in order. If a step fails, those before it are undone. */
export async function openUi(scripts: EntryScripts, pageFolder: string, options: UiOptions): Promise<Ui> {
  const { host, port, roots, stateFolder, warn } = options;
  const begun = new Begun((error) => warn(messageOf(error)));
  try {
    const page = await loadPage(pageFolder);
    const lock = await holdStateFolder(stateFolder);
    begun.push(() => lock.release());
    const stateHeld = (): Promise<boolean> => lock.sure();
    const access = await openAccessFile(stateFolder, stateHeld);
    const choices = await openChoices(stateFolder, stateHeld, roots.length > 0 ? roots : [await usersFolder()]);
    // Downloads that the user began elsewhere before go on where they are, unless he said where all have to be.
    const within = { folders: choices.folders.roots, strict: roots.length > 0 };
    const engine = await createEngine(scripts, {
      stateFolder,
      stateHeld,
      roots: within,
      ...(options.dhtBootstrap === undefined ? {} : { dhtBootstrap: options.dhtBootstrap }),
      settings: choices.settings.current,
    });
    begun.push(() => engine.close());
    engine.onEvent((event) => {
      if (event.type === 'log' && event.level !== 'info') warn(event.message);
    });
    const player = new Player(engine);
    const serving = new HttpServing(engine);
    begun.push(() => serving.close());
    await serving.start(choices.settings.current.http, warn);
    const mayRunPrograms = options.allowPrograms === true;
    const bridge = createBridgeHost({ engine, choices, player, serving, mayRunPrograms });
    const clock = new NodeClock();
    const control = await openControl({ stateFolder, role: 'serve', bridge: () => bridge }).catch((error: unknown) =>
      warn(`Other commands cannot ask this program: ${messageOf(error)}`),
    );
    if (control !== undefined) begun.push(() => control.close());
    begun.push(() => Promise.race([bridge.close(), new Promise<void>((resolve) => clock.after(DEMO_WITHIN, resolve))]));
    const { password, sessions } = access.kept;
    const kept: KeptAccess = {
      token: options.token,
      isPassword: password && ((text) => isPassword(text, password)),
      sessions,
      keep: (now) => void access.write({ sessions: [...now] }).catch((error: unknown) => warn(messageOf(error))),
    };
    const { tls, publicUrl, trustedProxies = [], rpcCredentials: credentials, end = () => undefined } = options;
    const { settings } = choices;
    const rpc = credentials && (await openRpc({ engine, bridge, settings, stateFolder, stateHeld, end, warn }));
    if (rpc) begun.push(() => rpc.close());
    const server = await UiServer.open({
      clock,
      random: new NodeRandom(),
      bridge,
      player,
      page,
      host,
      port,
      warn,
      tls,
      publicUrl,
      trustedProxies,
      kept,
      ...(rpc && credentials ? { rpc: { ...rpc, credentials } } : {}),
    });
    begun.push(async () => {
      await server.close();
      await access.write({ sessions: [...server.sessions] });
    });
    return {
      url: server.url,
      offer: (offer) => bridge.offer(offer),
      offerUrl: (at) => void bridge.offerUrl(at).catch((error: unknown) => warn(messageOf(error))),
      close: () => begun.end(),
    };
  } catch (error) {
    await begun.end();
    throw error;
  }
}
