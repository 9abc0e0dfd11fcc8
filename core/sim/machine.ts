import { toHex } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type PeerId, type TorrentKey, torrentKey } from '../base/ids.ts';
import type { DownloadOptions, DownloadSnapshot, EngineEvent } from '../engine/engine.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { Coordinator } from '../coordinator/coordinator.ts';
import type { HostNeeds } from '../identity/host-needs.ts';
import { IdentityHost, type MakeHosted } from '../identity/host.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { WorkerDesk } from '../identity/worker-desk.ts';
import { isTogether, TogetherDownload } from '../lone/together-download.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import type { Torrent } from '../metainfo/torrent.ts';
import type { BucketServer } from '../ports/buckets.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { VirtualClock } from './clock.ts';
import { MemoryDisk } from './disk.ts';
import { SimHasher } from './hasher.ts';
import { listenSim } from './http-listener.ts';
import type { SimHttp } from './http.ts';
import { Mortal } from './mortal.ts';
import type { SimHost } from './net-host.ts';
import { SimProcessHost } from './process-host.ts';
import { SleepyClock } from './sleepy-clock.ts';
import type { SeededRandom } from './random.ts';
import { spanOf } from './torrent.ts';

/** In plain text over TCP, as what is sent is looked at; tests of encryption and of uTP ask for it. */
const DEFAULTS = ordinaryOptions('/out', { encryption: 'off', utp: false });

/** One machine with our program on it: the real coordinator, and the real identities and workers in processes that can be killed. */
export class SimMachine {
  readonly disk: MemoryDisk;
  readonly host: SimHost;
  readonly events: EngineEvent[] = [];
  /** The processes of identity i that were started, in order; the last one is alive, if any is. */
  readonly lives: Mortal[][] = [];
  readonly processes: SimProcessHost;
  /** Of the process that the coordinator runs in. */
  readonly sleepy: SleepyClock;
  coordinator: Coordinator;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #http: SimHttp;
  readonly #dhtBootstrap: readonly Endpoint[];
  readonly #buckets: ((clock: Clock) => BucketServer) | undefined;
  /** The process that the coordinator runs in. */
  #process: Mortal;
  #pid = 1;

  constructor(options: {
    readonly clock: VirtualClock;
    readonly random: SeededRandom;
    readonly host: SimHost;
    readonly http: SimHttp;
    readonly disk?: MemoryDisk;
    /** Nodes of the DHT to start from. */
    readonly dhtBootstrap?: readonly Endpoint[];
    /** The server where it meets other machines. */
    readonly buckets?: (clock: Clock) => BucketServer;
  }) {
    this.#buckets = options.buckets;
    this.#dhtBootstrap = options.dhtBootstrap ?? [];
    this.#clock = options.clock;
    this.#random = options.random;
    this.#http = options.http;
    this.host = options.host;
    this.sleepy = new SleepyClock(options.clock);
    this.disk = options.disk ?? new MemoryDisk({ clock: options.clock });
    this.processes = new SimProcessHost(options.clock, {
      identity: (port, label) => {
        const life = this.#life();
        (this.lives[Number(label.replace(/\D/g, ''))] ??= []).push(life);
        const host: MakeHosted = (setup, shared) => Promise.resolve(this.#together(life, setup, shared));
        new IdentityHost(life.ports, port, 'Ensemble sim', () => port.exit(0), host).start();
        return () => {
          life.die();
          return life.dying;
        };
      },
      worker: (port) => {
        const life = this.#life();
        new WorkerDesk(life.ports, port, () => port.exit(0)).start();
        return () => {
          life.die();
          return life.dying;
        };
      },
    });
    this.#process = this.#life(this.sleepy);
    this.coordinator = this.#build();
  }

  add(torrent: Torrent, options: Partial<DownloadOptions> = {}): Promise<TorrentKey> {
    const data = wrapInfo(torrent.info, torrent.trackers, torrent.webSeeds);
    return this.#clock.resolve(this.coordinator.add({ kind: 'torrent', data }, { ...DEFAULTS, ...options }));
  }

  snapshot({ info }: Torrent): DownloadSnapshot {
    const snapshot = this.coordinator.download(torrentKey(info.infoHash));
    if (snapshot === undefined) throw new Error(`${info.name} is not downloaded here`);
    return snapshot;
  }

  /** Lets time pass until a download is in one of these states, or has failed; resolves to its snapshot. */
  async until(torrent: Torrent, states: readonly DownloadSnapshot['state'][], most: number): Promise<DownloadSnapshot> {
    const there = (): boolean => {
      const { state } = this.snapshot(torrent);
      return states.includes(state) || state === 'failed';
    };
    await this.#clock.runUntil(there, most);
    return this.snapshot(torrent);
  }

  /** The torrent's files under their final names, in its order; undefined where one is missing. */
  payload(torrent: Torrent, output: string = DEFAULTS.output): Uint8Array | undefined {
    const out = new Uint8Array(spanOf(torrent.info));
    for (const file of torrent.info.files.filter(({ padding }) => !padding)) {
      const data = this.disk.content(`${output}/${file.path.join('/')}`);
      if (data?.length !== file.length) return undefined;
      out.set(data, file.offset);
    }
    return out;
  }

  /** The process of an identity that runs now. */
  alive(identity: number): Mortal | undefined {
    return this.lives[identity]?.at(-1);
  }

  /** SIGKILL to an identity; false where it has no process. */
  killIdentity(identity: number): boolean {
    const process = this.processes.started.findLast(
      (one) => one.kind === 'identity' && one.label.endsWith(` ${identity}`) && one.running,
    );
    process?.crash('SIGKILL');
    return process !== undefined;
  }

  /** SIGKILL to the coordinator. Identities that stay hear of it and end; with `all` they die with it. */
  killCoordinator(all: boolean): void {
    this.#process.die();
    for (const process of this.processes.started) {
      if (!process.running) continue;
      if (all || process.kind === 'worker') process.crash('SIGKILL');
      else process.orphan();
    }
  }

  /** Starts the program again after `killCoordinator`. */
  restart(): void {
    this.#pid++;
    this.#process = this.#life(this.sleepy);
    this.coordinator = this.#build();
  }

  #together({ ports }: Mortal, setup: DownloadSetup, host: HostNeeds): TogetherDownload | undefined {
    const buckets = this.#buckets;
    if (buckets === undefined || !isTogether(setup)) return undefined;
    const name = `${this.host.list()[0]?.address}`;
    const self = { pid: this.#pid, startTime: '1', bootId: name, host: name };
    return new TogetherDownload(
      {
        ...ports,
        processFacts: { self: () => Promise.resolve(self), startTimeOf: () => Promise.resolve('1') },
        program: { client: 'Ensemble sim', version: '0.0.0' },
        buckets: () => buckets(ports.clock),
        listen: (options) => listenSim(ports.net, options),
      },
      setup,
      host,
    );
  }

  #life(clock: Clock = this.#clock): Mortal {
    const ports: Ports = {
      clock,
      random: this.#random,
      net: this.host,
      interfaces: this.host,
      http: this.#http,
      disk: this.disk,
      hasher: new SimHasher(),
    };
    return new Mortal(ports);
  }

  #build(): Coordinator {
    const self = { pid: this.#pid, startTime: '1', bootId: 'b', host: 'h' };
    const coordinator = new Coordinator({
      ports: this.#process.ports,
      processHost: this.processes,
      processFacts: {
        self: () => Promise.resolve(self),
        startTimeOf: (pid) => Promise.resolve(pid === this.#pid ? '1' : undefined),
      },
      dhtBootstrap: this.#dhtBootstrap,
      newPeerId: () => toHex(this.#random.bytes(20)) as PeerId,
    });
    coordinator.onEvent((event) => this.events.push(event));
    return coordinator;
  }
}
