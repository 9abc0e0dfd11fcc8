import { setFlagsFromString } from 'node:v8';

let bounded = false;

/**
 * Whether V8's room for young objects stays as large as it is: 2 MiB, twice, when an identity's program was read, where by itself it
 * becomes twice that, and hardly any of it survives. To be said while the process runs: what the build compiled is only used under the
 * options that it was compiled with.
 */
export function boundYoungObjects(bound: boolean): void {
  if (bound === bounded) return;
  bounded = bound;
  setFlagsFromString(`--semi-space-growth-factor=${bound ? 1 : 2}`);
}
