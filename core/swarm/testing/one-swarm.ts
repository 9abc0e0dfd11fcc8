import { identityIndex, type PeerId, torrentKey } from '../../base/ids.ts';
import { WholeClaimer } from '../../claims/whole-claimer.ts';
import { AddressVotes } from '../../discovery/address-votes.ts';
import { ordinaryTuning } from '../../engine/tuning.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { SimHasher } from '../../sim/hasher.ts';
import { SimHttp } from '../../sim/http.ts';
import type { SimSwarm } from '../../sim/swarm.ts';
import { openPieceStore } from '../../store/piece-store.ts';
import { PieceShare, ShareMap } from '../../strategy/pieces/share-map.ts';
import type { SwarmOptions } from '../new-state.ts';
import type { SwarmEvents } from '../state.ts';
import { Swarm } from '../swarm.ts';
import { UploadLine } from '../upload-line.ts';

/** A swarm alone, without an identity around it, at 10.9.0.1: what it tells goes to the test. */
export async function oneSwarm(
  swarm: SimSwarm,
  changes: Partial<
    Pick<SwarmOptions, 'buckets' | 'claimer' | 'others' | 'share'> & SwarmEvents & { readonly count: number }
  > = {},
) {
  const { clock, random, torrent } = swarm;
  const { info } = torrent;
  const { buckets, claimer = new WholeClaimer(), others, share, count = 1, ...events } = changes;
  const host = swarm.net.host('10.9.0.1', { latency: 5 });
  const disk = new MemoryDisk();
  const ports = { clock, random, net: host, interfaces: host, http: new SimHttp(clock), disk, hasher: new SimHasher() };
  const identity = identityIndex(0);
  const location = { layout: 'in-place', workFolder: '/w', output: '/o', assembled: false, identity } as const;
  const client = new Swarm({
    ports,
    self: {
      key: torrentKey(info.infoHash),
      hashes: info.id,
      identity,
      peerId: '0a'.repeat(20) as PeerId,
      count,
      claims: false,
      external: new AddressVotes(),
      endpoint: () => undefined,
      announced: () => undefined,
      mapping: () => ({ kind: 'unknown' }),
    },
    client: 'test',
    encryption: () => 'off',
    transports: () => new Map([['tcp', host]]),
    pex: () => false,
    punches: () => false,
    isOutside: () => false,
    sources: () => [],
    info,
    share: share ?? new ShareMap(info.pieceCount, PieceShare.mine),
    claimer,
    store: await openPieceStore(ports, { info, geometry: new Geometry(info), location, count: 1 }),
    begun: [],
    selection: 'rarest',
    tuning: ordinaryTuning({ maxPeers: 10 }),
    seeding: false,
    buckets: buckets ?? { down: [], up: [] },
    line: new UploadLine(ports),
    ...(others !== undefined && { others }),
    events: {
      peer: () => {},
      peersFound: () => {},
      verified: () => {},
      hashFailed: () => {},
      banned: () => {},
      ask: () => {},
      brought: () => {},
      failed: (error) => {
        throw error;
      },
      ...events,
    },
  });
  const payload = (): Uint8Array | undefined => disk.content(`/w/files/${info.files[0]!.path.join('/')}`);
  return { client, payload };
}
