import { expect } from 'vitest';
import { bytesPerSecond, type TorrentKey, type PeerId, torrentKey } from '../../base/ids.ts';
import { sameBytes, toHex } from '../../base/bytes.ts';
import type { DownloadOptions, EngineEvent } from '../../engine/engine.ts';
import { ordinaryOptions } from '../../engine/download-options.ts';
import { WorkerDesk } from '../../identity/worker-desk.ts';
import { wrapInfo } from '../../metainfo/wrap-info.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import type { Programs } from '../../ports/programs.ts';
import type { Ports } from '../../ports/ports.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { SimHasher } from '../../sim/hasher.ts';
import { Mortal } from '../../sim/mortal.ts';
import { SimProcessHost } from '../../sim/process-host.ts';
import { SeededRandom } from '../../sim/random.ts';
import { simTorrent, type SimTorrent } from '../../sim/torrent.ts';
import { Coordinator } from '../coordinator.ts';
import { ANYWHERE, type Roots } from '../folder/roots.ts';
import { newScript, testIdentity } from './scripted-identity.ts';

export const KIB = 1024;
export const none = bytesPerSecond(0);

export function options(changes: Partial<DownloadOptions> = {}): DownloadOptions {
  return ordinaryOptions('/out', { identities: 4, ...changes });
}

/** A coordinator with scripted identities and real workers, on one machine in memory. */
export class World {
  readonly clock = new VirtualClock();
  readonly disk = new MemoryDisk({ clock: this.clock });
  readonly script = newScript();
  readonly random = new SeededRandom(7);
  readonly hasher = new SimHasher();
  readonly events: EngineEvent[] = [];
  readonly host = new SimProcessHost(this.clock, {
    identity: testIdentity(this.script, this.clock, this.disk),
    worker: (port) => {
      const worker = new Mortal(this.ports);
      new WorkerDesk(worker.ports, port, () => port.exit(0)).start();
      return () => {
        worker.die();
        return worker.dying;
      };
    },
  });
  readonly interfaces: Interfaces = {
    list: () => [
      { interfaceName: 'eth0', address: '10.0.0.1', family: 4, internal: false },
      { interfaceName: 'eth1', address: '10.0.1.1', family: 4, internal: false },
    ],
    routes: () => Promise.resolve([]),
  };
  /** Roots of the coordinators that are built from now on. */
  roots: Roots = ANYWHERE;
  /** What was run when downloads were done. */
  programs: Programs = { run: () => Promise.resolve(0) };
  /** Number of the process that the coordinator runs in: another one after a crash. */
  pid = 1;
  #process: Mortal | undefined;
  coordinator = this.build();

  get ports(): Ports {
    const unused = {} as never;
    const { clock, disk, random, hasher, interfaces } = this;
    return { clock, disk, random, hasher, interfaces, net: unused, http: unused };
  }

  build(stateFolder?: string, stateHeld?: () => Promise<boolean>): Coordinator {
    const { pid } = this;
    this.#process = new Mortal(this.ports);
    const self = { pid, startTime: '1', bootId: 'b', host: 'h' };
    const coordinator = new Coordinator({
      ports: this.#process.ports,
      processHost: this.host,
      processFacts: {
        self: () => Promise.resolve(self),
        startTimeOf: (other) => Promise.resolve(other === this.pid ? '1' : undefined),
      },
      newPeerId: () => toHex(this.random.bytes(20)) as PeerId,
      roots: this.roots,
      programs: { run: (words, env) => this.programs.run(words, env) },
      ...(stateFolder === undefined ? {} : { stateFolder }),
      ...(stateHeld === undefined ? {} : { stateHeld }),
    });
    coordinator.onEvent((event) => (pid === this.pid ? this.events.push(event) : undefined));
    return coordinator;
  }

  /** The coordinator and all that it started die at once. */
  crash(): void {
    this.#process?.die();
    for (const one of this.host.started) one.crash();
    this.pid++;
  }

  torrent(pieces: number, changes: { name?: string; private?: boolean } = {}): SimTorrent & { data: Uint8Array } {
    return this.torrentOf(pieces * 16 * KIB - 100, changes);
  }

  torrentOf(
    files: Parameters<typeof simTorrent>[1]['files'],
    changes: { name?: string; private?: boolean } = {},
  ): SimTorrent & { data: Uint8Array } {
    const made = simTorrent(this.random, { files, pieceLength: 16 * KIB, ...changes });
    this.script.payloads.set(torrentKey(made.torrent.info.infoHash), made.payload);
    return { ...made, data: wrapInfo(made.torrent.info, made.torrent.trackers) };
  }

  async add(made: { data: Uint8Array }, changes: Partial<DownloadOptions> = {}): Promise<TorrentKey> {
    return this.clock.resolve(this.coordinator.add({ kind: 'torrent', data: made.data }, options(changes)));
  }

  state(key: TorrentKey): string {
    const snapshot = this.coordinator.download(key);
    return snapshot?.error === undefined ? (snapshot?.state ?? 'none') : `${snapshot.state}: ${snapshot.error.message}`;
  }

  async until(key: TorrentKey, state: string, most = 120_000): Promise<void> {
    await this.clock.runUntil(() => this.coordinator.download(key)?.state === state, most);
    expect(this.state(key)).toMatch(new RegExp(`^${state}`));
  }

  async file(path: string): Promise<Uint8Array | undefined> {
    return this.disk.readFile(path, 1e9);
  }

  /** As `toEqual`, fast for long byte strings. */
  async expectFile(path: string, content: Uint8Array): Promise<void> {
    const data = (await this.file(path)) ?? new Uint8Array(0);
    expect(sameBytes(data, content)).toBe(true);
  }

  get running(): number {
    return this.host.started.filter((one) => one.kind === 'identity' && one.running).length;
  }
}
