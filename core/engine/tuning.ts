import { bytesPerSecond } from '../base/ids.ts';
import { type DownloadOptions, ordinaryOptions } from './download-options.ts';
import type { RateLimits, SwarmTuning } from './statuses.ts';

/** What an identity is told of the options. `maxUploads`: its slots, where it shares a network interface with others. */
export function tuningOf(
  options: Pick<DownloadOptions, 'maxUploads' | 'maxPeers' | 'share' | 'sequential'>,
  limits: RateLimits,
  maxUploads = options.maxUploads,
): SwarmTuning {
  const { maxPeers, share, sequential } = options;
  return { limits, maxUploads, maxPeers, share, sequential };
}

/** That of an ordinary client without limits, with some of it changed. */
export function ordinaryTuning(changes: Partial<SwarmTuning> = {}): SwarmTuning {
  const none = bytesPerSecond(0);
  return { ...tuningOf(ordinaryOptions('/'), { down: none, up: none }), ...changes };
}
