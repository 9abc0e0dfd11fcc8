import type { EncryptionPolicy, TransportName } from '../base/choices.ts';
import { bytesPerSecond } from '../base/ids.ts';
import { type DownloadOptions, ordinaryOptions } from './download-options.ts';
import { DOWNLOAD_OPTIONS } from './option-table.ts';
import type { RateLimits, SwarmTuning, Ways } from './statuses.ts';

export const WAYS = ['dht', 'pex', 'lsd', 'portMap'] as const satisfies readonly (keyof Ways)[];
export const ALL_WAYS: Ways = {
  dht: true,
  pex: true,
  lsd: true,
  portMap: true,
  tcp: true,
  utp: true,
  encryption: 'preferred',
};
/** For swarms of this machine alone. */
export const NO_WAYS: Ways = {
  dht: false,
  pex: false,
  lsd: false,
  portMap: false,
  tcp: true,
  utp: false,
  encryption: 'preferred',
};

/**
 * What an identity is told of the options. `allowed`: the ways to peers that the settings allow to all downloads, and their encryption. `maxUploads`: its
 * slots, where it shares a network interface with others.
 */
export function tuningOf(
  options: Pick<DownloadOptions, Exclude<keyof SwarmTuning, 'limits'>>,
  limits: RateLimits,
  allowed: Ways,
  maxUploads = options.maxUploads,
): SwarmTuning {
  const { maxPeers, share, sequential, superSeeding } = options;
  return {
    limits,
    maxUploads,
    maxPeers,
    share,
    sequential,
    superSeeding,
    dht: options.dht && allowed.dht,
    pex: options.pex && allowed.pex,
    lsd: options.lsd && allowed.lsd,
    portMap: options.portMap && allowed.portMap,
    ...transportsOf(options, allowed),
    encryption: encryptionOf(options.encryption, allowed.encryption),
  };
}

/** Those that both allow; where none is left, as the download says. */
function transportsOf(own: Pick<Ways, TransportName>, all: Pick<Ways, TransportName>): Pick<Ways, TransportName> {
  const both = { tcp: own.tcp && all.tcp, utp: own.utp && all.utp };
  return both.tcp || both.utp ? both : { tcp: own.tcp, utp: own.utp };
}

/** What was chosen for the download, or where nothing was, for all. */
function encryptionOf(own: EncryptionPolicy, all: EncryptionPolicy): EncryptionPolicy {
  return own === DOWNLOAD_OPTIONS.encryption.usual ? all : own;
}

/** That of an ordinary client without limits, with some of it changed. */
export function ordinaryTuning(changes: Partial<SwarmTuning> = {}): SwarmTuning {
  const none = bytesPerSecond(0);
  return { ...tuningOf(ordinaryOptions('/'), { down: none, up: none }, ALL_WAYS), ...changes };
}
