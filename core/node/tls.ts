import type * as Tls from 'node:tls';

/**
 * Node's TLS, loaded when it is first used. To import it would make a string of each root certificate: 1.4 MiB in every process,
 * of which few speak TLS.
 */
export const tls = (): typeof Tls => process.getBuiltinModule('node:tls');
