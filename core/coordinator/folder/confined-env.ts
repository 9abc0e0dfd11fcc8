import type { Disk } from '../../ports/disk.ts';
import { foldersOf } from '../../store/confined.ts';
import type { DownloadEnv } from '../download-env.ts';
import { type OutputFolders, rootOf } from './roots.ts';

/** The folders that a download may not leave: the root that it lies below, or else those that its user named. */
export function chosenFor({ roots }: DownloadEnv, { output, common = output }: OutputFolders): readonly string[] {
  const inside = rootOf(roots, { output, common });
  if (inside !== undefined) return [inside];
  // A download outside of the roots must not reach anything, even if somebody forgets to check first.
  return roots.strict ? roots.folders : foldersOf({ workFolder: common, output });
}

/** Whose disk may change. */
interface Owner {
  readonly disk: Disk;
}

/** The same environment with the owner's disk, as it is at each time. */
export function withDiskOf(owner: Owner, env: DownloadEnv): DownloadEnv {
  return new ConfinedEnv(env, new ConfinedPorts(env.ports, owner));
}

type Confined = DownloadEnv['ports'];

/** Both have getters alone: copies, with a function for the disk, would take a kilobyte of each of thousands of downloads. */
class ConfinedPorts implements Confined {
  readonly #all: Confined;
  readonly #owner: Owner;

  constructor(all: Confined, owner: Owner) {
    this.#all = all;
    this.#owner = owner;
  }

  get disk(): Disk {
    return this.#owner.disk;
  }

  get clock(): Confined['clock'] {
    return this.#all.clock;
  }

  get random(): Confined['random'] {
    return this.#all.random;
  }

  get net(): Confined['net'] {
    return this.#all.net;
  }

  get http(): Confined['http'] {
    return this.#all.http;
  }

  get hasher(): Confined['hasher'] {
    return this.#all.hasher;
  }

  get interfaces(): Confined['interfaces'] {
    return this.#all.interfaces;
  }

  get processFacts(): Confined['processFacts'] {
    return this.#all.processFacts;
  }
}

class ConfinedEnv implements DownloadEnv {
  readonly ports: Confined;
  readonly #all: DownloadEnv;

  constructor(all: DownloadEnv, ports: Confined) {
    this.#all = all;
    this.ports = ports;
  }

  get roots(): DownloadEnv['roots'] {
    return this.#all.roots;
  }

  get pool(): DownloadEnv['pool'] {
    return this.#all.pool;
  }

  get jobs(): DownloadEnv['jobs'] {
    return this.#all.jobs;
  }

  get looks(): DownloadEnv['looks'] {
    return this.#all.looks;
  }

  get limitsOf(): DownloadEnv['limitsOf'] {
    return this.#all.limitsOf;
  }

  get web(): DownloadEnv['web'] {
    return this.#all.web;
  }

  get named(): DownloadEnv['named'] {
    return this.#all.named;
  }

  get ways(): DownloadEnv['ways'] {
    return this.#all.ways;
  }

  get rules(): DownloadEnv['rules'] {
    return this.#all.rules;
  }

  get mayWait(): DownloadEnv['mayWait'] {
    return this.#all.mayWait;
  }

  get emit(): DownloadEnv['emit'] {
    return this.#all.emit;
  }

  get done(): DownloadEnv['done'] {
    return this.#all.done;
  }

  get leaveList(): DownloadEnv['leaveList'] {
    return this.#all.leaveList;
  }

  get keep(): DownloadEnv['keep'] {
    return this.#all.keep;
  }

  get keepSoon(): DownloadEnv['keepSoon'] {
    return this.#all.keepSoon;
  }
}
