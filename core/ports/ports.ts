import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Hasher } from './hasher.ts';
import type { Http } from './http.ts';
import type { Interfaces } from './interfaces.ts';
import type { Net } from './net.ts';
import type { Random } from './random.ts';

/** All that the core needs from the outside world, except processes. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly net: Net;
  readonly http: Http;
  readonly disk: Disk;
  readonly hasher: Hasher;
  readonly interfaces: Interfaces;
}
