import type { Ports } from '../ports/ports.ts';
import { NodeClock } from './clock.ts';
import { NodeDisk } from './disk.ts';
import { NodeHasher } from './hasher.ts';
import { NodeHttp } from './http.ts';
import { NodeInterfaces } from './interfaces.ts';
import { LoopHasher } from './loop-hasher.ts';
import { Looks } from './looks.ts';
import { NodeNames } from './names.ts';
import { NodeNet } from './net.ts';
import { NodeRandom } from './random.ts';

interface NodePortsOptions {
  /** Version of this program, which trackers see. */
  readonly version?: string;
  /** See NodeDisk. */
  readonly quickOnLoop?: boolean;
  /** See NodeDisk; what is hashed is hashed there, too. */
  readonly readsOnLoop?: boolean;
  /** Looks at many paths at once; see `Looks`. */
  readonly looksTogether?: boolean;
}

/** This machine, as the core sees it. */
export function nodePorts(options: NodePortsOptions = {}): Ports {
  const names = new NodeNames();
  return {
    clock: new NodeClock(),
    random: new NodeRandom(),
    net: new NodeNet(names),
    http: new NodeHttp(options.version, names),
    disk: new NodeDisk({ ...options, ...(options.looksTogether === true && { looks: new Looks() }) }),
    hasher: options.readsOnLoop === true ? new LoopHasher() : new NodeHasher(),
    interfaces: new NodeInterfaces(),
  };
}
