import { expect } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import type { LayoutKind } from '../../base/choices.ts';
import { Turns } from '../../base/turns.ts';
import { EnsembleError, type ErrorCode } from '../../base/errors.ts';
import { identityIndex, piece, unknownOwners } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { NO_RULES } from '../../engine/list-rules.ts';
import type { WorkerTask } from '../../identity/worker-messages.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import { saveState } from '../../store/records/state.ts';
import { changedAtTarget } from '../download/changed-files.ts';
import { wantedPieces } from '../download/file-choice.ts';
import { importPieces } from '../download/import-pieces.ts';
import type { PrepareInput } from '../download/prepare-input.ts';
import { type Prepared, prepareDownload } from '../download/prepare.ts';
import type { DownloadEnv } from '../download-env.ts';
import { NO_LINKS } from '../run/links.ts';
import { claimFolder } from '../folder/folder-claim.ts';
import { ANYWHERE } from '../folder/roots.ts';
import { WorkerJobs } from '../processes/worker-jobs.ts';
import { locationOf } from '../run/run-plan.ts';
import { make, type Made, spoilt, TARGETS } from './three-files.ts';
import { options as optionsOf } from './world.ts';

// Of `three-files`: piece 0 holds `readme` and the beginning of `big`, 1 and 2 lie in `big` alone, 3 holds its end and `tail`.
export const NAMES = ['readme', 'big', 'tail'] as const;
type Name = (typeof NAMES)[number];
const WORK = '/out/.work';

/** What lies where a file is to go; `edited`: right, but written after the last run. */
type Lying = 'right' | 'wrong' | 'edited' | 'long' | 'folder' | 'link';

/** What is there when a download starts. Nothing of what is left out is there. */
export interface StartScene {
  readonly target?: Partial<Record<Name, Lying>>;
  /** Pieces in the working folder of an earlier run. */
  readonly folder?: readonly number[];
  /** Of these, the ones whose bytes are wrong. */
  readonly spoilt?: readonly number[];
  /** The earlier run was killed, so that its pieces are in doubt. */
  readonly killed?: boolean;
  /** Files that were assembled before, by the catalog. */
  readonly placed?: readonly Name[];
  readonly files?: readonly number[];
  readonly reuse?: boolean;
  readonly everything?: boolean;
  readonly fetched?: boolean;
  readonly fetchMissing?: boolean;
}

/** What comes of it. `read`: pieces that were read to find out. */
export type StartOutcome =
  | { readonly error: ErrorCode; readonly read?: readonly number[] }
  | { readonly finished: readonly Name[]; readonly read: readonly number[] }
  | { readonly have: readonly number[]; readonly placed?: readonly number[]; readonly read?: readonly number[] };

/** Runs jobs, and notes which pieces they read. */
class NotedJobs extends WorkerJobs {
  readonly read = new Set<number>();

  override run(...[task, ...rest]: Parameters<WorkerJobs['run']>): ReturnType<WorkerJobs['run']> {
    for (const p of piecesOf(task)) this.read.add(p);
    return super.run(task, ...rest);
  }
}

function piecesOf(task: WorkerTask): Iterable<number> {
  const tasks = task.type === 'rechecks' ? task.jobs : [task];
  return tasks.flatMap((one) => (one.type === 'recheck' ? [...(one.pieces ?? [])] : []));
}

/** One start of a download on a machine in memory. */
export class Start {
  readonly made: Made = make();
  readonly info: Info = parseTorrent(this.made.data).info;
  readonly geometry = new Geometry(this.info);
  readonly jobs = new NotedJobs(this.made.world.host, this.made.world.clock);
  readonly options: DownloadOptions;
  readonly #scene: StartScene;
  locked = false;

  constructor(scene: StartScene, layout: LayoutKind) {
    this.#scene = scene;
    const { files: filePriorities, reuse = false } = scene;
    this.options = optionsOf({
      identities: 2,
      layout,
      reuse,
      ...(filePriorities && { filePriorities: [...filePriorities] }),
    });
  }

  async run(): Promise<StartOutcome> {
    const { world } = this.made;
    await world.clock.resolve(this.#makeFolder());
    this.#lay();
    const times = await world.clock.resolve(this.#timesOfPlaced());
    await world.clock.advance(600_000);
    this.#edit();
    try {
      return this.#outcome(await world.clock.resolve(prepareDownload(this.#env, this.#input(times))));
    } catch (error) {
      if (!(error instanceof EnsembleError)) throw error;
      return { error: error.code, read: this.#read };
    }
  }

  get #read(): readonly number[] {
    return [...this.jobs.read].sort((a, b) => a - b);
  }

  #outcome({ ledger, result }: Prepared): StartOutcome {
    const read = this.#read;
    if (result !== undefined) return { finished: result.map((path) => NAMES[TARGETS.indexOf(path)] ?? 'big'), read };
    expect(this.locked).toBe(true);
    return { have: [...ledger.present.indexes()], placed: [...ledger.placed.indexes()], read };
  }

  get #env(): DownloadEnv {
    const self = { pid: 1, startTime: '1', bootId: 'b', host: 'h' };
    const processFacts = { self: () => Promise.resolve(self), startTimeOf: () => Promise.resolve('1') };
    return {
      roots: ANYWHERE,
      ports: { ...this.made.world.ports, processFacts },
      pool: undefined as never,
      looks: new Turns(2),
      jobs: this.jobs,
      named: NO_LINKS,
      ways: undefined as never,
      web: undefined as never,
      rules: () => NO_RULES,
      mayWait: () => false,
      leaveList: () => {},
      done: () => {},
      limitsOf: () => ({ down: undefined as never, up: undefined as never }),
      emit: () => {},
      keepSoon: () => {},
      keep: () => Promise.resolve(),
    };
  }

  #input(times: FileTimes | undefined): PrepareInput {
    const { everything = false, fetched = false, fetchMissing = false } = this.#scene;
    return {
      ...this.#download,
      torrentFile: this.made.data,
      owners: undefined,
      placed: this.#placed,
      times,
      others: undefined,
      everything,
      fetched,
      fetchMissing,
      lock: () => {
        this.locked = true;
        return Promise.resolve();
      },
      clearLeft: () => Promise.resolve(false),
      clearStaging: () => Promise.resolve(false),
      progress: () => {},
      warn: () => {},
      away: (work) => work(),
      signal: new AbortController().signal,
    };
  }

  get #download(): Pick<PrepareInput, 'info' | 'geometry' | 'options' | 'workFolder' | 'chosen'> {
    const { info, geometry, options } = this;
    return { info, geometry, options, workFolder: WORK, chosen: undefined };
  }

  get #placed(): readonly string[] | undefined {
    return this.#scene.placed?.map((name) => TARGETS[NAMES.indexOf(name)] ?? '');
  }

  /** The working folder as an earlier run left it. */
  async #makeFolder(): Promise<void> {
    const { folder, spoilt: wrong = [], killed = false } = this.#scene;
    if (folder === undefined) return;
    const { world, contents, data } = this.made;
    const { disk } = world;
    const { info, geometry } = this;
    const { infoHash, pieceCount } = info;
    await claimFolder(disk, WORK, infoHash, this.options, data);
    for (const p of folder) {
      const start = p * info.pieceLength;
      for (const [i, { path, offset }] of info.files.entries()) {
        const content = contents[i] ?? new Uint8Array();
        const at = Math.max(0, start - offset);
        disk.put(`/src/${path.join('/')}`, wrong.includes(p) && at < content.length ? spoilt(content, at) : content);
      }
      const from = { ...locationOf(this.#download, identityIndex(0), true), output: '/src' };
      const to = locationOf(this.#download, identityIndex(0), false);
      const signal = new AbortController().signal;
      await importPieces(world.ports, { info, geometry, from, to, count: 2, pieces: [p], signal }, () => {});
    }
    const have = new Bitfield(pieceCount);
    for (const p of folder) have.add(p);
    const owners = unknownOwners(pieceCount);
    for (const p of folder) owners[p] = 0;
    const unsynced = killed ? folder.map(piece) : [];
    await saveState(
      disk,
      { workFolder: WORK, infoHash, pieceCount },
      { have, owners, unsynced, begun: [], downloaded: 0, uploaded: 0 },
      true,
    );
  }

  #lay(): void {
    const { disk } = this.made.world;
    for (const [i, name] of NAMES.entries()) {
      const content = this.made.contents[i] ?? new Uint8Array();
      const path = TARGETS[i] ?? '';
      const lying = this.#scene.target?.[name];
      if (lying === 'right' || lying === 'edited') disk.put(path, content);
      else if (lying === 'wrong') disk.put(path, spoilt(content, content.length >> 1));
      else if (lying === 'long') disk.put(path, Uint8Array.from([...content, 1]));
      else if (lying === 'folder') disk.put(`${path}/x`, content);
      else if (lying === 'link') {
        disk.put('/mine', content);
        disk.put(`${path}.`, content);
        disk.symlink('/mine', path);
      }
    }
  }

  /** Another program writes to files that are ours by the catalog. */
  #edit(): void {
    for (const [i, name] of NAMES.entries()) {
      const lying = this.#scene.target?.[name];
      if (lying === 'edited' || (lying === 'wrong' && this.#scene.placed?.includes(name))) {
        const path = TARGETS[i] ?? '';
        this.made.world.disk.put(path, this.made.world.disk.content(path) ?? new Uint8Array());
      }
    }
  }

  async #timesOfPlaced(): Promise<FileTimes | undefined> {
    if (this.#scene.placed === undefined) return undefined;
    const filePriorities = NAMES.map((name) => (this.#scene.placed?.includes(name) ? 4 : 0));
    const ours = { ...this.#download, options: { ...this.options, filePriorities }, warn: () => {} };
    return (await changedAtTarget(this.made.world.ports, ours, wantedPieces(ours), undefined)).newest;
  }
}
