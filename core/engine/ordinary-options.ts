import { bytesPerSecond } from '../base/ids.ts';
import type { DownloadOptions } from './engine.ts';

const none = bytesPerSecond(0);

/** The choices of an ordinary client (`docs/cli.md`, "get"), with some changed. `output` is absolute. */
export function ordinaryOptions(output: string, changes: Partial<DownloadOptions> = {}): DownloadOptions {
  return {
    output,
    identities: 1,
    selection: 'rarest',
    share: true,
    layout: 'in-place',
    bind: [],
    port: 0,
    peers: [],
    down: none,
    up: none,
    identityDown: none,
    identityUp: none,
    maxUploads: 4,
    maxPeers: 80,
    seed: { kind: 'never' },
    assemble: true,
    takeOver: false,
    stay: false,
    sequential: false,
    allowPrivate: false,
    reuse: false,
    paused: false,
    ...changes,
  };
}
