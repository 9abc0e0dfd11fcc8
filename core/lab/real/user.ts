import { mkdirSync, readFileSync } from 'node:fs';
import { EnsembleError } from '../../base/errors.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { Libtorrent } from './libtorrent.ts';
import { ensembleArgv, type EnsembleCommand, type OtherProgram, startOther } from './others.ts';
import type { RealPayload } from './payload.ts';
import type { PlannedPeer, PlannedUser } from './plan.ts';
import type { NetHost } from './shaped-net.ts';

/** A piece that an identity has, and when, in milliseconds of the system's clock. */
export interface NotedPiece {
  readonly identity: number;
  readonly piece: number;
  readonly at: number;
}

/** What the user's program told. Bytes are payload. */
export interface UserTold {
  readonly down: number;
  readonly up: number;
  readonly wasted: number;
  readonly twice: number;
  readonly identities: readonly { readonly down: number; readonly up: number }[];
  readonly pieces: readonly NotedPiece[];
}

/** What is in the user's place. */
export interface UserProgram {
  readonly ready: Promise<void>;
  begin(): void;
  /** Whether everything is there. Throws where the program ended without. */
  finished(): boolean;
  stop(): Promise<UserTold>;
}

/** What the user's host and download are. */
export interface UserPlace {
  readonly host: NetHost;
  readonly plan: PlannedUser;
  readonly payload: RealPayload;
  readonly scenario: Scenario;
  readonly ensemble: EnsembleCommand;
}

export function userProgram(place: UserPlace): UserProgram {
  const { client } = place.scenario.user;
  if (client === 'ensemble') return new EnsembleUser(place);
  if (client === 'libtorrent') return new LibtorrentUser(place);
  return stockUser(place);
}

/** Ensemble, as it ships, by its command line. */
class EnsembleUser implements UserProgram {
  readonly ready = Promise.resolve();
  readonly #place: UserPlace;
  readonly #log: string;
  #child: ReturnType<NetHost['start']> | undefined;
  #told: DoneLine | undefined;

  constructor(place: UserPlace) {
    this.#place = place;
    this.#log = `${place.host.folder}/user.log`;
  }

  begin(): void {
    const { host, plan, payload, scenario, ensemble } = this.#place;
    const { user, measure } = scenario;
    const folder = `${host.folder}/user`;
    mkdirSync(folder, { recursive: true });
    const flags = [
      '-o',
      folder,
      '-n',
      String(user.K),
      '--bind',
      plan.bind.join(','),
      '--select',
      user.selection,
      '--max-uploads',
      String(user.slots),
      user.share ? '--share' : '--no-share',
      ...(user.strategy === undefined ? [] : ['--strategy', user.strategy]),
      ...(user.dealing === undefined ? [] : ['--dealing', user.dealing]),
      ...(user.moving ? ['--take-over'] : []),
      ...(user.stay ? ['--stay'] : []),
      ...(user.limit > 0 ? ['--up', `${user.limit}`] : []),
      ...(measure.pieces ? ['--log', this.#log] : []),
    ];
    const command = ensembleArgv(ensemble, `${host.folder}/user-state`, ['get', payload.torrent, ...flags]);
    this.#child = host.start('the user', command, { onLine: (line) => this.#hear(line) });
  }

  finished(): boolean {
    if (this.#told !== undefined) return true;
    if (this.#child?.ended === true) throw ended('ensemble', this.#child.output);
    return false;
  }

  async stop(): Promise<UserTold> {
    // It leaves the swarm by itself once it is done; otherwise it is told to, and then has no figures to tell.
    if (this.#told === undefined) await this.#child?.stop(5, 'SIGINT');
    else await this.#child?.exit;
    const { downloaded = 0, uploaded = 0, wasted = 0, duplicatePieces = 0, identities = [] } = this.#told ?? {};
    return {
      down: downloaded,
      up: uploaded,
      wasted,
      twice: duplicatePieces,
      identities: identities.map((one) => ({ down: one.downloaded, up: one.uploaded })),
      pieces: this.#place.scenario.measure.pieces ? piecesOf(this.#log) : [],
    };
  }

  #hear(line: string): void {
    if (line.startsWith('{"event":"done"')) this.#told = JSON.parse(line) as DoneLine;
  }
}

/** The last line of `ensemble get --json`. */
interface DoneLine {
  readonly downloaded: number;
  readonly uploaded: number;
  readonly wasted: number;
  readonly duplicatePieces: number;
  readonly identities: readonly { readonly downloaded: number; readonly uploaded: number }[];
}

/** Of the experiment log what pieces came. */
function piecesOf(log: string): NotedPiece[] {
  return readLog(log).flatMap((line) => {
    if (!line.includes('"event":"piece"')) return [];
    const { t, identity, piece } = JSON.parse(line) as Record<'t' | 'identity' | 'piece', number>;
    return [{ at: t, identity, piece }];
  });
}

function readLog(log: string): string[] {
  try {
    return readFileSync(log, 'utf8').split('\n').slice(0, -1);
  } catch {
    return []; // it did not come that far
  }
}

/** Stock libtorrent sessions, each with a range of the pieces of its own, which leave when they have it. */
class LibtorrentUser implements UserProgram {
  readonly ready: Promise<void>;
  readonly #sessions: readonly Libtorrent[];
  readonly #left: Promise<unknown>[] = [];
  readonly #pieces: NotedPiece[] = [];

  constructor({ host, plan, payload, scenario: { user, payload: cut, measure } }: UserPlace) {
    const count = Math.ceil(cut.size / cut.piece);
    this.#sessions = Array.from({ length: user.K }, (_, identity) => {
      const folder = `${host.folder}/user-${identity}`;
      mkdirSync(folder, { recursive: true });
      const session = new Libtorrent(host, {
        role: 'leech',
        address: plan.bind[identity % plan.bind.length] ?? '',
        // Those behind one address need one each.
        port: 6881 + identity,
        torrent: payload.torrent,
        folder,
        waits: true,
        quiet: true,
        tellPieces: measure.pieces,
        range: [Math.floor((count * identity) / user.K), Math.floor((count * (identity + 1)) / user.K)],
        uploadLimit: Math.ceil(user.limit / user.K),
        settings: { unchoke_slots_limit: user.slots },
      });
      session.onPiece = (piece) => void this.#pieces.push({ identity, piece, at: Date.now() });
      session.onFinished = () => void this.#left.push(session.child.stop(5));
      return session;
    });
    const started = this.#sessions.map((one) => one.child.until(() => one.version !== undefined, 'its session', 30));
    this.ready = Promise.all(started).then(() => {});
  }

  begin(): void {
    for (const session of this.#sessions) session.begin();
  }

  finished(): boolean {
    const lost = this.#sessions.find((session) => session.child.ended && !session.finished);
    if (lost !== undefined) throw ended('libtorrent', lost.child.output);
    return this.#sessions.every((session) => session.finished);
  }

  async stop(): Promise<UserTold> {
    await Promise.all([...this.#left, ...this.#sessions.map((session) => session.child.stop(5))]);
    const totals = this.#sessions.map(({ totals: told }) => told);
    const sum = (pick: 'downloaded' | 'uploaded' | 'redundant'): number =>
      totals.reduce((all, told) => all + (told?.[pick] ?? 0), 0);
    return {
      down: sum('downloaded'),
      up: sum('uploaded'),
      wasted: sum('redundant'),
      twice: 0,
      identities: totals.map((told) => ({ down: told?.downloaded ?? 0, up: told?.uploaded ?? 0 })),
      pieces: this.#pieces,
    };
  }
}

/** Another stock client, as one of the leechers is. */
function stockUser({ host, plan, payload, scenario: { user }, ensemble }: UserPlace): UserProgram {
  const [link = { address: '' }] = plan.links;
  const as = { role: 'leecher', group: 0, index: 0, name: 'user', leave: { kind: 'never' } } as const;
  const { client, slots } = user;
  const peer: PlannedPeer = {
    ...as,
    link,
    client,
    slots,
    severalPerAddress: false,
    choking: 'round-robin',
    comes: plan.comes,
  };
  const program: OtherProgram = startOther(host, peer, payload, ensemble);
  return {
    ready: program.ready,
    begin: () => program.begin(),
    finished: () => program.finished(),
    stop: async () => {
      const { down, up } = await program.stop();
      return { down, up, wasted: 0, twice: 0, identities: [{ down, up }], pieces: [] };
    },
  };
}

const ended = (program: string, output: string): EnsembleError =>
  new EnsembleError('fault', `${program}, in the user's place, ended before it was done: ${output.slice(-500).trim()}`);
