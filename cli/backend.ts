import type { Endpoint } from '../core/base/endpoint.ts';
import type { InfoHash } from '../core/base/ids.ts';
import type { ChosenNames } from '../core/metainfo/torrent.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Disk } from '../core/ports/disk.ts';
import type { Hasher } from '../core/ports/hasher.ts';
import type { DownloadOptions, Engine, Source } from '../core/engine/engine.ts';
import type { LinkProfile } from '../core/engine/link-profiles.ts';
import type { BridgeClient } from '../core/bridge/contract.ts';
import type { RunningProgram } from '../core/entry/ask-control.ts';
import type { Control } from '../core/entry/open-control.ts';
import type { Role } from '../core/entry/control-places.ts';
import type { EngineOptions } from '../core/entry/coordinator.ts';
import type { FileServer } from '../core/entry/file-server.ts';
import type { DemoOptions, DemoResult } from '../core/entry/demo.ts';
import type { Importer } from '../core/entry/import-torrents.ts';
import type { ProbeDhtOptions } from '../core/entry/probe-dht.ts';
import type { ProbeSpeedOptions } from '../core/entry/probe-speed.ts';
import type { ProbedNode } from '../core/identity/dht-probe.ts';
import type { LoneOptions, LoneResult } from '../core/lone/identity.ts';
import type { MagnetOptions } from '../core/lone/torrent-of-magnet.ts';
import type { Paths } from '../core/entry/paths.ts';
import type { Speed } from '../core/peer/speed-probe.ts';
import type { LinkProbe, ProbeOptions } from '../core/portmap/probe.ts';
import type { Desktop } from './desktop.ts';
import type { Ui, UiOptions } from './serve/open-ui.ts';

/** What commands need from the rest of the program; `start.ts` builds the real one, tests a small one. */
export interface Backend {
  readonly clock: Clock;
  readonly disk: Disk;
  /** Threads start when it is first used. */
  hasher(): Hasher;
  /** Reads what is no file on a disk, such as a pipe, to its end; undefined: it cannot be read. Rejects where there are more bytes than these. */
  readPipe(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** A .torrent file from a web server: see `fetchTorrentFile`. */
  fetchTorrent(url: string, way: Pick<DownloadOptions, 'bind' | 'proxies'>, signal: AbortSignal): Promise<Source>;
  /** The torrent file that a magnet link stands for, from peers: see `torrentOfMagnet`. */
  fetchMetadata(how: MagnetOptions): Promise<Uint8Array>;
  /** The links that have names in the settings of this state folder. */
  readLinks(stateFolder: string): Promise<readonly LinkProfile[]>;
  /** See `keptNames` in `core/entry`. */
  keptNames(stateFolder: string): Promise<ReadonlyMap<InfoHash, ChosenNames>>;
  createEngine(
    options: Pick<EngineOptions, 'stateFolder' | 'dhtFolder' | 'dhtBootstrap' | 'linkProfiles'>,
  ): Promise<Engine>;
  /** Lets other commands of this user ask this one. Resolves to what ends that. Rejects where it cannot be. */
  openControl(options: {
    readonly stateFolder: string;
    readonly role: Role;
    readonly engine: Engine;
  }): Promise<Control>;
  /** Programs that run with this state folder. */
  runningPrograms(stateFolder: string): Promise<readonly RunningProgram[]>;
  /** A line to the program that serves the UI at this URL, as `ensemble serve` prints it. */
  connectServed(url: string): Promise<BridgeClient>;
  runLoneIdentity(options: LoneOptions): Promise<LoneResult>;
  /** Asks the routers of this machine's links for ports, and gives them back. */
  probeRouters(options: ProbeOptions): Promise<readonly LinkProbe[]>;
  /** Measures how fast peers send to an address of this machine. */
  probeSpeed(options: ProbeSpeedOptions): Promise<Speed>;
  /** Says of each address of this machine how its packets leave, and sets that right. */
  openPaths(): Promise<Paths>;
  /** Asks the user at the terminal; undefined: there is none. */
  confirm(question: string): Promise<boolean | undefined>;
  /** Reads a line at the terminal without showing it; undefined: there is none. Rejects with EnsembleError('interrupted') on Ctrl-C. */
  askSecret(question: string): Promise<string | undefined>;
  /** Runs nodes of the DHT at this machine's addresses for a while. */
  probeDht(options: ProbeDhtOptions): Promise<readonly ProbedNode[]>;
  /** Gives out files of downloads by HTTP. */
  serveFiles(engine: Engine, at: Endpoint): Promise<Pick<FileServer, 'seedUrls' | 'close'>>;
  runDemo(options: DemoOptions): Promise<DemoResult>;
  /** The default folder of catalog and settings. */
  defaultStateFolder(env: Readonly<Record<string, string | undefined>>): string;
  /** The user's home folder; undefined: the system knows none. */
  home(): string | undefined;
  /** The list into which other clients' torrents are taken; `dry`: nothing is added. */
  openImporter(stateFolder: string, options: { readonly dry: boolean }): Promise<Importer>;
  /** Folders in which other clients usually keep their torrents. */
  placesOfClients(env: Readonly<Record<string, string | undefined>>): readonly string[];
  openUi(options: UiOptions): Promise<Ui>;
  /** Keeps the hash of the served UI's password in a state folder. */
  keepPassword(stateFolder: string, password: string): Promise<void>;
  findDesktop(env: Readonly<Record<string, string | undefined>>): Desktop;
}
