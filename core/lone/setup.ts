import type { DownloadOptions } from '../engine/engine.ts';
import { bytesPerSecond, type IdentityIndex } from '../base/ids.ts';
import type { StorePlace } from '../base/store-place.ts';
import { linksOf, NO_LINKS } from '../coordinator/run/links.ts';
import { Member } from '../coordinator/run/member.ts';
import { basicSetup } from '../coordinator/run/run-plan.ts';
import { ALL_WAYS, tuningOf } from '../engine/tuning.ts';
import type { Origin } from '../coordinator/download/source.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import type { BucketServer } from '../ports/buckets.ts';
import type { HttpListener, HttpListenOptions } from '../ports/http-server.ts';
import type { Ports } from '../ports/ports.ts';
import type { ProcessFacts } from '../ports/process-facts.ts';
import { makePeerId } from '../wire/peer-id.ts';

export type LonePorts = Ports & {
  readonly processFacts: ProcessFacts;
  /** What peers are told that we are, and the version in our peer id. */
  readonly program: { readonly client: string; readonly version: string };
  /** The server where machines meet. */
  readonly buckets?: (place: StorePlace) => BucketServer;
  /** Gives out pieces to other machines. */
  readonly listen?: (options: HttpListenOptions) => Promise<HttpListener>;
};

/** The identity that a setup is for. */
export const memberOf = ({ identity, peerId, trackerKey, address, proxy }: DownloadSetup): Member =>
  new Member(identity, peerId, trackerKey, { address, ...(proxy && { proxy }) });

/** The setup of identity `index`, before it is known what is on disk. */
export function loneSetup(
  ports: LonePorts,
  origin: Pick<Origin, 'id' | 'trackers' | 'webSeeds' | 'torrentUrls' | 'nodes'>,
  options: DownloadOptions,
  index: IdentityIndex,
  workFolder: string,
): DownloadSetup {
  const working = { interfaces: ports.interfaces, named: NO_LINKS, strict: true };
  const { address, proxy } = linksOf(working, options, options.identities)[index] ?? {};
  const none = bytesPerSecond(0);
  // Both limits hold: that of the download, of which this process is a part, and that of the identity.
  const least = (a: number, b: number): number => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b));
  const self = {
    index,
    peerId: makePeerId((count) => ports.random.bytes(count), ports.program.version),
    trackerKey: Math.floor(ports.random.uniform() * 2 ** 32),
    address,
    proxy,
  };
  const { id, trackers, webSeeds = [], torrentUrls = [], nodes } = origin;
  return basicSetup(
    { key: id.key, hashes: id, count: options.identities, trackers, webSeeds, torrentUrls, nodes, options },
    self,
    {
      location: { layout: options.layout, workFolder, output: options.output, assembled: false, identity: index },
      tuning: tuningOf(
        options,
        {
          down: bytesPerSecond(least(options.down, options.identityDown) || none),
          up: bytesPerSecond(least(options.up, options.identityUp) || none),
        },
        ALL_WAYS,
      ),
    },
  );
}
