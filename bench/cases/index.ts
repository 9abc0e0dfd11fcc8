import type { Case } from '../lib/bench.ts';
import { assemble } from './assemble.ts';
import { dht } from './dht.ts';
import { download } from './download.ts';
import { growth } from './growth.ts';
import { machines } from './machines.ts';
import { manyPeers } from './many-peers.ts';
import { manyTorrents } from './many-torrents.ts';
import { metainfo } from './metainfo.ts';
import { mse } from './mse.ts';
import { paths } from './paths.ts';
import { picker } from './picker.ts';
import { recheck } from './recheck.ts';
import { scale } from './scale.ts';
import { seed } from './seed.ts';
import { startOfGet } from './start.ts';
import { swarm } from './swarm.ts';
import { torrents } from './torrents.ts';
import { utp } from './utp.ts';
import { webSeed } from './web-seed.ts';

/** All benchmarks, in the order of the tables. */
export const cases: readonly Case[] = [
  download,
  startOfGet,
  seed,
  mse,
  utp,
  manyPeers,
  recheck,
  assemble,
  metainfo,
  torrents,
  manyTorrents,
  growth,
  scale,
  paths,
  machines,
  swarm,
  picker,
  dht,
  webSeed,
];
