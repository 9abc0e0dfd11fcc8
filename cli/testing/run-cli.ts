import type { Source } from '../../core/engine/engine.ts';
import { FakeEngine } from '../../core/engine/testing/fake-engine.ts';
import { StillDownload } from '../../core/engine/testing/still-download.ts';
import { VirtualClock } from '../../core/sim/clock.ts';
import { MemoryDisk } from '../../core/sim/disk.ts';
import { SimHasher } from '../../core/sim/hasher.ts';
import type { Backend } from '../backend.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { run } from '../program.ts';

/** A command line on a virtual clock, a disk in memory and an engine without a swarm. */
export class CliBench {
  readonly clock = new VirtualClock();
  readonly disk = new MemoryDisk();
  /** What is downloaded with this command line, whatever that says. */
  readonly download = new StillDownload();
  /** Where a command line has several: which download a source becomes. */
  downloadOf: (source: Source) => StillDownload = () => this.download;
  readonly engine = new FakeEngine({
    clock: this.clock,
    make: (source, options) => this.downloadOf(source).start(options),
  });
  readonly interruption = new AbortController();
  out = '';
  err = '';
  readonly backend: Backend;
  readonly context: Context;

  constructor(change: Partial<Backend> = {}, terminal?: { columns: number; rows: number }) {
    this.backend = {
      clock: this.clock,
      disk: this.disk,
      hasher: () => new SimHasher(),
      readPipe: () => Promise.resolve(undefined),
      fetchTorrent: () => Promise.reject(new Error('not expected')),
      fetchMetadata: () => Promise.reject(new Error('not expected')),
      readLinks: () => Promise.resolve([]),
      keptNames: () => Promise.resolve(new Map()),
      createEngine: () => Promise.resolve(this.engine),
      openControl: () => Promise.resolve({ close: () => Promise.resolve() }),
      runningPrograms: () => Promise.resolve([]),
      connectServed: () => Promise.reject(new Error('not expected')),
      runLoneIdentity: () => Promise.reject(new Error('not expected')),
      probeRouters: () => Promise.reject(new Error('not expected')),
      probeSpeed: () => Promise.reject(new Error('not expected')),
      openPaths: () => Promise.reject(new Error('not expected')),
      confirm: () => Promise.resolve(undefined),
      askSecret: () => Promise.resolve(undefined),
      probeDht: () => Promise.reject(new Error('not expected')),
      serveFiles: () => Promise.reject(new Error('not expected')),
      runDemo: () => Promise.reject(new Error('not expected')),
      defaultStateFolder: () => '/home/.state',
      home: () => '/home/me',
      keepPassword: () => Promise.reject(new Error('not expected')),
      openImporter: () => Promise.reject(new Error('not expected')),
      placesOfClients: () => [],
      openUi: () => Promise.reject(new Error('not expected')),
      findDesktop: () => ({ missing: 'There is no display.' }),
      ...change,
    };
    this.context = {
      backend: this.backend,
      out: { write: (text) => (this.out += text), isTTY: terminal !== undefined, ...terminal },
      err: { write: (text) => (this.err += text) },
      cwd: '/home',
      env: {},
      signal: this.interruption.signal,
    };
  }

  /** Starts `ensemble ...`; words are separated by single spaces. */
  start(line: string): Promise<ExitCode> {
    return run(this.context, line.split(' '), '1.2.3');
  }

  /** Runs it to its end on virtual time. */
  run(line: string): Promise<ExitCode> {
    return this.clock.resolve(this.start(line));
  }

  /** The JSON objects on standard output. */
  get json(): Record<string, unknown>[] {
    return this.out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}
