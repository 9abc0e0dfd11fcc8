import { EnsembleError } from './errors.ts';

/** A server where machines agree on who fetches what, and the name under which they meet there. */
export interface StorePlace {
  /** `HOST` or `HOST:PORT`; IPv6 in brackets. Several: members of one cluster. */
  readonly servers: readonly string[];
  readonly tls: boolean;
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
  /** What a credentials file of NATS holds. */
  readonly creds?: string;
  /** Certificates that are trusted, PEM. */
  readonly ca?: string;
  /** The URL without user and password, for people. */
  readonly shown: string;
}

/** How somebody chose to meet other machines: as `parseStoreUrl` takes it, with what a file says of who may come in and who is trusted. */
export interface StoreChoice {
  readonly url: string;
  readonly creds?: string;
  readonly ca?: string;
}

const FORM = /^(nats|tls):\/\/(?:([^@/]*)@)?([^@/]+)\/([^@/]*)$/;
const SERVER = /^(?:\[[0-9a-fA-F:.%]{2,60}\]|[0-9a-zA-Z._-]{1,253})(?::[1-9][0-9]{0,4})?$/;
const NAME = /^[0-9A-Za-z_-]{1,64}$/;
const MAX_SERVERS = 9;

/** Whether what stands where a common directory may stand names a server. */
export const isStoreUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(text);

/**
 * `nats://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...]/NAME`, or `tls://` where the connection has to be encrypted. Throws
 * EnsembleError('usage'), which quotes nothing of user and password. `said`: what people called it.
 */
export function parseStoreUrl(text: string, said = '--common'): StorePlace {
  const [, scheme, login, hosts = '', name = ''] = FORM.exec(text) ?? [];
  if (scheme === undefined) {
    throw new EnsembleError(
      'usage',
      `${said} takes ${said === '--common' ? 'a directory, or ' : ''}a server as nats://HOST[:PORT]/NAME (tls:// too).`,
    );
  }
  const servers = hosts.split(',');
  const bad = servers.find((one) => !SERVER.test(one) || Number(/\]?:(\d+)$/.exec(one)?.[1] ?? 1) > 65_535);
  if (bad !== undefined || servers.length > MAX_SERVERS) {
    // Where the host was forgotten it is user and password.
    const what = login === undefined ? 'what stands between "//" and "/" (a login ends with "@")' : `"${bad ?? hosts}"`;
    throw new EnsembleError('usage', `${said}: ${what} is no HOST or HOST:PORT.`);
  }
  if (!NAME.test(name)) {
    const what = 'where all machines meet there: letters, digits, "-" and "_", 64 at most';
    throw new EnsembleError('usage', `${said} ${scheme}://${hosts}/NAME: "${name}" is no NAME, ${what}.`);
  }
  const place = { servers, tls: scheme === 'tls', name, shown: `${scheme}://${hosts}/${name}` };
  if (login === undefined) return place;
  const [user = '', ...password] = login.split(':');
  try {
    const named = { user: decodeURIComponent(user) };
    if (password.length === 0) return { ...place, ...named };
    return { ...place, ...named, password: decodeURIComponent(password.join(':')) };
  } catch {
    throw new EnsembleError(
      'usage',
      `${said} ${place.shown}: user or password has a "%" that stands for nothing; write it as %25.`,
    );
  }
}

/** Where that is. Throws EnsembleError('usage'). */
export function placeOf({ url, ...proof }: StoreChoice): StorePlace {
  return { ...parseStoreUrl(url, 'The address of the other machines'), ...proof };
}

/** What people may see of it: neither user and password, nor what files said. */
export function shownChoice({ url }: StoreChoice): StoreChoice {
  return { url: isPlace(url) ? placeOf({ url }).shown : '' };
}

/** Whether it names a server as `parseStoreUrl` takes it. */
export function isPlace(url: string): boolean {
  try {
    return parseStoreUrl(url).shown !== '';
  } catch {
    return false;
  }
}
