import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const COORDINATOR = fileURLToPath(new URL('coordinator.js', import.meta.url));

/**
 * The bundled coordinator that speaks the messages of the identities in `dist`: its own, where `npm run bench` was run
 * there; otherwise this build's.
 */
export function coordinatorOf(dist: string): string {
  const own = `${dist}/bench/coordinator.js`;
  return existsSync(own) ? own : COORDINATOR;
}
