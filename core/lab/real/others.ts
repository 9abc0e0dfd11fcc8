import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { payloadOf } from '../frames.ts';
import { SEED_CHOKING } from '../model/choking.ts';
import { startAria2 } from './aria2.ts';
import type { Child } from './child.ts';
import { Libtorrent } from './libtorrent.ts';
import type { RealPayload } from './payload.ts';
import type { PlannedPeer } from './plan.ts';
import type { NetHost } from './shaped-net.ts';
import { startTransmission } from './transmission.ts';

/** Payload that a program moved. `hosts`: received from and sent to each address; undefined: it does not tell. */
export interface Moved {
  readonly down: number;
  readonly up: number;
  readonly hosts?: Readonly<Record<string, readonly [down: number, up: number]>>;
}

/** A program in the place of one of the others. */
export interface OtherProgram {
  /** It is as far as it can be without joining the swarm. Rejects where it cannot be started. */
  readonly ready: Promise<void>;
  /** Joins the swarm. */
  begin(): void;
  /** Whether it has everything; looked at again and again. */
  finished(): boolean;
  /** Ends it. */
  stop(): Promise<Moved>;
}

const PORT = 6881;

/** Seconds that a program may take to start, on a quiet machine. */
const START = 30;

/** What runs Ensemble: a program and its first arguments. */
export type EnsembleCommand = readonly string[];

/** Runs Ensemble with a state folder of its own and nobody's options. As all programs it has no way to peers but the tracker and peer exchange. */
export function ensembleArgv(ensemble: EnsembleCommand, state: string, args: readonly string[]): string[] {
  const apart = ['env', `XDG_STATE_HOME=${state}`, 'ENSEMBLE_NO_OPTIONS=1'];
  return [...apart, ...ensemble, ...args, '--no-dht', '--no-lsd', '--no-port-map', '--no-utp', '--json'];
}

export function startOther(
  host: NetHost,
  peer: PlannedPeer,
  payload: RealPayload,
  ensemble: EnsembleCommand,
): OtherProgram {
  const folder = peer.role === 'seed' ? payload.folder : `${host.folder}/${peer.name}`;
  mkdirSync(folder, { recursive: true });
  const common = { address: peer.link.address, torrent: payload.torrent, folder };
  if (peer.client === 'libtorrent') return libtorrentPeer(host, peer, common);
  return new LaterProgram(host, peer, (whenDone) => {
    switch (peer.client) {
      case 'transmission':
        return startTransmission(host, {
          ...common,
          whenDone,
          settings: { 'pex-enabled': true, 'upload-slots-per-torrent': peer.slots },
        });
      case 'aria2':
        return Promise.resolve(startAria2(host, { ...common, pex: true, stays: true, whenDone }));
      default:
        return Promise.resolve(startEnsemble(host, peer, common, ensemble, whenDone));
    }
  });
}

interface Common {
  readonly address: string;
  readonly torrent: string;
  readonly folder: string;
}

function libtorrentPeer(
  host: NetHost,
  { role, slots, severalPerAddress, choking }: PlannedPeer,
  common: Common,
): OtherProgram {
  const settings = {
    unchoke_slots_limit: slots,
    // It has them in this order.
    seed_choking_algorithm: SEED_CHOKING.indexOf(choking),
    allow_multiple_connections_per_ip: severalPerAddress,
    // Else it sends a few pieces to those that it chokes.
    ...(slots === 0 ? { allowed_fast_set_size: 0 } : {}),
  };
  const program = new Libtorrent(host, {
    ...common,
    role: role === 'seed' ? 'seed' : 'leech',
    port: PORT,
    waits: true,
    quiet: true,
    settings,
  });
  return {
    ready: program.child.until(() => program.version !== undefined, 'its session', START),
    begin: () => program.begin(),
    finished: () => program.finished,
    stop: async () => {
      await program.child.stop(5);
      const { downloaded = 0, uploaded = 0, hosts = {} } = program.totals ?? {};
      return { down: downloaded, up: uploaded, hosts };
    },
  };
}

function startEnsemble(
  host: NetHost,
  { role, slots, name }: PlannedPeer,
  { address, torrent, folder }: Common,
  ensemble: EnsembleCommand,
  whenDone: string,
): Child {
  const how = ['--bind', address, '--port', String(PORT), '--max-uploads', String(slots)];
  const what = role === 'seed' ? ['seed', torrent, folder] : ['get', torrent, '-o', folder, '--seed', 'forever'];
  const done = role === 'seed' ? [] : ['--on-complete', whenDone];
  const command = ensembleArgv(ensemble, `${host.folder}/state-${name}`, [...what, ...how, ...done]);
  return host.start(`ensemble ${address}`, command);
}

/** A program that joins as soon as it runs, and runs another one when it has everything. It does not tell what it moved: its link does. */
class LaterProgram implements OtherProgram {
  readonly ready = Promise.resolve();
  readonly #host: NetHost;
  readonly #start: (whenDone: string) => Promise<Child>;
  readonly #script: string;
  readonly #done: string;
  #child: Promise<Child> | undefined;

  constructor(host: NetHost, { name }: PlannedPeer, start: (whenDone: string) => Promise<Child>) {
    this.#host = host;
    this.#start = start;
    this.#script = `${host.folder}/done-${name}.sh`;
    this.#done = `${host.folder}/done-${name}`;
  }

  begin(): void {
    writeFileSync(this.#script, `#!/bin/sh\n: > ${this.#done}\n`, { mode: 0o755 });
    this.#child = this.#start(this.#script);
    this.#child.catch(() => {}); // `stop` tells it
  }

  finished(): boolean {
    return existsSync(this.#done);
  }

  async stop(): Promise<Moved> {
    const { up, down } = this.#host.traffic();
    const child = await this.#child;
    await child?.stop(2);
    rmSync(this.#script, { force: true });
    return { down: Math.round(payloadOf(down)), up: Math.round(payloadOf(up)) };
  }
}
