// How the programs beside it reach the server where machines meet, or a cluster, by such a URL as `--common` takes.
import { readFileSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';

const FORM = /^(?:nats|tls):\/\/([^:]*):([^@]*)@([^/]*)/;

/** @param {string} url */
export const serversOf = (url) => (FORM.exec(url)?.[3] ?? '').split(',');

/**
 * NATS_CA names the certificate of a server that speaks TLS.
 * @param {string} url
 */
export function connectTo(url) {
  const [, user = '', pass = ''] = FORM.exec(url) ?? [];
  const servers = serversOf(url);
  const ca = process.env['NATS_CA'];
  // Without `host` the library compares the certificate of a server that is named by its address with "localhost".
  const tls =
    ca === undefined ? {} : { tls: { ca: readFileSync(ca, 'utf8'), host: (servers[0] ?? '').replace(/:\d+$/, '') } };
  return connect({ servers, user, pass: decodeURIComponent(pass), ...tls });
}
