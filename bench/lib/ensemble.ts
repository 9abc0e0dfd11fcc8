import { addressOf, IDENTITIES_FROM } from './addresses.ts';
import type { Run } from './clients.ts';

/** `ensemble get` of a build, with an address for each identity. It is done when it says so, which is after assembly. */
export function ensembleGet(
  dist: string,
  input: {
    readonly torrent: string;
    readonly out: string;
    readonly identities?: number;
    readonly more?: readonly string[];
  },
): Run {
  const { torrent, out, identities = 1, more = [] } = input;
  const bind = Array.from({ length: identities }, (_, i) => addressOf(IDENTITIES_FROM + i)).join(',');
  const flags = ['-o', out, '-n', String(identities), '--bind', bind, '--json', ...more];
  return {
    argv: [process.execPath, `${dist}/cli/main.js`, 'get', torrent, ...flags],
    options: { done: (output) => output.includes('"event":"done"'), endsItself: true },
  };
}
