import { lookup } from 'node:dns/promises';
import { Resolver } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { EnsembleError } from '../base/errors.ts';
import { keepNewest } from '../base/keep-newest.ts';
import type { ResolvedAddress } from '../ports/net.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { NodeClock } from './clock.ts';
import { HostsFile } from './hosts-file.ts';
import { hasAddress } from './interfaces.ts';
import { literalFamily } from './ip-literal.ts';
import { nameServersOf } from './name-servers.ts';

/** Answers that are remembered. */
const MAX_KNOWN = 512;
/** How long, in seconds, whatever the answer says. */
const LEAST_LIFE = 30;
const MOST_LIFE = 600;
/** How long the servers of a link are remembered, in ms. */
const SERVERS_LIFE = 60_000;
const MAX_LINKS = 128;
/** A server that is silent for this long, in ms, is asked once more, or the next one is. */
const TRY_TIME = 2_000;
const TRIES = 2;
/** Most addresses that are taken of a name. */
const MAX_ADDRESSES = 32;

const clock = new NodeClock();

interface Answer {
  readonly found: readonly ResolvedAddress[];
  readonly until: number;
}

interface NamesOptions {
  /** Name servers that may be asked from a local address; none: not known. */
  servers?(address: string): Promise<readonly string[]>;
  readonly hosts?: HostsFile;
}

/** Looks names up, and remembers some of the answers for a while. See `Net.resolve`. */
export class NodeNames {
  readonly #serversOf: (address: string) => Promise<readonly string[]>;
  readonly #hosts: HostsFile;
  readonly #known = new Map<string, Answer>();
  readonly #asked = new Map<string, Promise<readonly ResolvedAddress[]>>();
  readonly #servers = new Map<string, { readonly list: Promise<readonly string[]>; readonly until: number }>();

  constructor(options: NamesOptions = {}) {
    this.#serversOf = options.servers ?? ((address) => nameServersOf(address));
    this.#hosts = options.hosts ?? new HostsFile();
  }

  async resolve(host: string, from?: string): Promise<readonly ResolvedAddress[]> {
    const family = from === undefined ? 0 : literalFamily(from);
    const literal = literalFamily(host);
    if (literal !== 0) return ofFamily([host], family);
    try {
      // Nothing may be sent while the address is gone.
      if (from !== undefined && !hasAddress(from)) throw systemError('EADDRNOTAVAIL');
      return await this.#remembered(host, from);
    } catch (error) {
      throw error instanceof EnsembleError ? error : networkError(`resolve ${host.slice(0, 255)}`, error);
    }
  }

  async ownNameServers(from: string): Promise<boolean> {
    // Where they cannot be asked for just now nobody else is asked.
    return (await this.#serversFor(from).catch(() => undefined))?.length !== 0;
  }

  /** For sockets that are given a name. */
  lookupFrom(from: string | undefined): LookupFunction {
    return (host, options, done) => {
      const asked = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0);
      void this.resolve(host, from).then(
        (all) => {
          const found = all.filter(({ family }) => asked === 0 || family === asked);
          const [first] = found;
          if (first === undefined) done(systemError('ENOTFOUND'), []);
          else if (options.all) done(null, [...found]);
          else done(null, first.address, first.family);
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), []),
      );
    };
  }

  #remembered(host: string, from: string | undefined): Promise<readonly ResolvedAddress[]> {
    const key = `${from ?? ''} ${host.toLowerCase()}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.until > clock.now()) return Promise.resolve(known.found);
    this.#known.delete(key);
    const under = this.#asked.get(key);
    if (under !== undefined) return under;
    const asking = this.#ask(host, from)
      .then(({ found, life }) => {
        this.#known.set(key, { found, until: clock.now() + life * 1000 });
        keepNewest(this.#known, MAX_KNOWN);
        return found;
      })
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, asking);
    return asking;
  }

  async #ask(host: string, from: string | undefined): Promise<{ found: readonly ResolvedAddress[]; life: number }> {
    const family = from === undefined ? 0 : literalFamily(from);
    const servers = from === undefined ? [] : await this.#serversFor(from);
    if (from === undefined || servers.length === 0) {
      const found = await lookup(host, { all: true, verbatim: true, family });
      return {
        found: ofFamily(
          found.map(({ address }) => address),
          0,
        ),
        life: LEAST_LIFE,
      };
    }
    const listed = ofFamily(await this.#hosts.find(host), family);
    if (listed.length > 0) return { found: listed, life: 0 };
    const answers = await this.#query(host, from, servers);
    const life = Math.min(MOST_LIFE, Math.max(LEAST_LIFE, ...answers.map(({ ttl }) => ttl)));
    return {
      found: ofFamily(
        answers.map(({ address }) => address),
        family,
      ),
      life,
    };
  }

  /** Asks these servers from this address. */
  #query(host: string, from: string, servers: readonly string[]): Promise<{ address: string; ttl: number }[]> {
    const resolver = new Resolver({ timeout: TRY_TIME, tries: TRIES });
    resolver.setServers(servers);
    const v6 = literalFamily(from) === 6;
    // Servers are of the same family; setting the IPv6 address alone would set the other one to any.
    resolver.setLocalAddress(v6 ? '0.0.0.0' : from, v6 ? from : '::');
    return new Promise((resolve, reject) => {
      const done = (error: NodeJS.ErrnoException | null, answers: { address: string; ttl: number }[]): void => {
        if (!error && answers.length > 0) resolve(answers);
        else reject(systemError(NAMES_OF.get(error?.code ?? 'ENODATA') ?? error?.code ?? 'ENOTFOUND'));
      };
      if (v6) resolver.resolve6(host, { ttl: true }, done);
      else resolver.resolve4(host, { ttl: true }, done);
    });
  }

  #serversFor(from: string): Promise<readonly string[]> {
    const known = this.#servers.get(from);
    if (known !== undefined && known.until > clock.now()) return known.list;
    // Where they cannot be asked for just now those of the last time count.
    const list = this.#serversOf(from).catch((error: unknown) => {
      if (known !== undefined) return known.list;
      this.#servers.delete(from);
      throw networkError('find out the name servers of the link', error);
    });
    this.#servers.set(from, { list, until: clock.now() + SERVERS_LIFE });
    keepNewest(this.#servers, MAX_LINKS);
    return list;
  }
}

/** What a resolver of Node calls what the system's look-up calls otherwise. */
const NAMES_OF: ReadonlyMap<string, string> = new Map([
  ['ENODATA', 'ENOTFOUND'],
  ['ETIMEOUT', 'EAI_AGAIN'],
  ['ESERVFAIL', 'EAI_AGAIN'],
  ['EREFUSED', 'EAI_AGAIN'],
  // So it calls a server that cannot be reached, and an address of ours that is gone.
  ['ECONNREFUSED', 'EAI_AGAIN'],
]);

function ofFamily(addresses: readonly string[], wanted: number): readonly ResolvedAddress[] {
  return addresses
    .map((address) => ({ address, family: address.includes(':') ? (6 as const) : (4 as const) }))
    .filter(({ family }) => wanted === 0 || family === wanted)
    .slice(0, MAX_ADDRESSES);
}
