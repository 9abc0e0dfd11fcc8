import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Payload } from '@nats-io/transport-node';
import type { KV, KvWatchEntry } from '@nats-io/kv';
import { messageOf } from '../base/errors.ts';
import { shuffled } from '../base/shuffled.ts';
import type { StorePlace } from '../base/store-place.ts';
import {
  type Bucket,
  type BucketConnection,
  type BucketEntry,
  BucketError,
  type BucketServer,
} from '../ports/buckets.ts';

/** How long an answer is waited for. While a cluster chooses another leader every write ends so, milliseconds. */
const ANSWER_WITHIN = 5000;
/** A connection over which nothing comes is given up after two to three of these, milliseconds. */
const PING_EVERY = 5000;
/** JetStream's codes: it is not at this revision (two of them). */
const OTHER_REVISION: readonly number[] = [10071, 10164];
/** It has no room: for the stream, the account, the server's store or its memory. */
const NO_ROOM: readonly number[] = [10002, 10023, 10028, 10047, 10077, 10122];
const NO_JETSTREAM: readonly number[] = [10039, 10076];
const DEFAULT_PORT = 4222;

/** Credentials as NATS' own tools take them from the environment; what the URL says goes before. */
export interface NatsLogin {
  readonly NATS_USER?: string;
  readonly NATS_PASSWORD?: string;
  /** A file with credentials. */
  readonly NATS_CREDS?: string;
  /** A file with certificates, for a server whose own is not publicly signed. */
  readonly NATS_CA?: string;
}

/** A NATS server, or a cluster, as a server of buckets: JetStream's key-value stores. */
export function natsServer(place: StorePlace, login: NatsLogin): BucketServer {
  return { name: place.shown, connect: () => connect(place, login) };
}

/**
 * The library's own reconnecting is not used: it throws away what is published meanwhile, and what a server lost is not seen. So each
 * connection reads all that is there.
 */
async function connect(place: StorePlace, login: NatsLogin): Promise<BucketConnection> {
  // Who does not use it does not load it.
  const [nats, { Kvm }] = await Promise.all([import('@nats-io/transport-node'), import('@nats-io/kv')]);
  const { user = login.NATS_USER, password = login.NATS_PASSWORD } = place;
  const file = textBytes(place.creds) ?? (await named(login, 'NATS_CREDS'));
  const ca = place.tls ? (place.ca ?? (await named(login, 'NATS_CA'))) : undefined;
  const connection = await oneOf(place, (server) =>
    nats.connect({
      servers: /:\d+$/.test(server) && !server.endsWith(']') ? server : `${server}:${DEFAULT_PORT}`,
      name: 'ensemble',
      reconnect: false,
      timeout: ANSWER_WITHIN,
      pingInterval: PING_EVERY,
      maxPingOut: 2,
      ...(place.tls && { tls: { ...(ca !== undefined && { ca: ca.toString() }), ...addressIn(server) } }),
      // A name alone is a token, as for NATS' own tools.
      ...(user !== undefined && (password === undefined ? { token: user } : { user, pass: password })),
      ...(file !== undefined && { authenticator: nats.credsAuthenticator(file) }),
    }),
  );
  const buckets = new Kvm(connection);
  const watches: { stop(): void }[] = [];
  return {
    open: (name, options, told) =>
      orBucketError(async () => {
        const kv = await buckets.create(name, {
          history: 1,
          max_bytes: options.maxBytes,
          // One copy on each of three, so that any of them may fail.
          replicas: place.servers.length >= 3 ? 3 : 1,
          timeout: ANSWER_WITHIN,
          ...(options.ttl !== undefined && { ttl: options.ttl }),
        });
        const watch = await kv.watch();
        watches.push(watch);
        void follow(watch, told, () => void connection.close());
        return bucketOf(kv);
      }),
    check: () => orBucketError(() => connection.flush()),
    ended: connection.closed().then(() => undefined),
    close() {
      for (const watch of watches) watch.stop();
      void connection.close().catch(() => undefined);
    },
  };
}

const textBytes = (text: string | undefined): Buffer | undefined =>
  text === undefined ? undefined : Buffer.from(text);

/** A file that the environment names. */
async function named(login: NatsLogin, name: 'NATS_CREDS' | 'NATS_CA'): Promise<Buffer | undefined> {
  const path = login[name];
  if (path === undefined) return undefined;
  return readFile(path).catch((error: unknown) => {
    throw new BucketError('refused', `cannot be used: ${name} names "${path}", which cannot be read`, { cause: error });
  });
}

/** Connects with the first of a cluster's servers that lets us, beginning anywhere. */
async function oneOf<T>(place: StorePlace, connectWith: (server: string) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (const server of shuffled(place.servers, Math.random)) {
    try {
      return await orBucketError(() => connectWith(server), place);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Without this the library compares the certificate of a server that is named by its address with "localhost". */
function addressIn(server: string): { readonly host?: string } {
  const host = /^\[(.*)\](?::\d+)?$/.exec(server)?.[1] ?? server.replace(/:\d+$/, '');
  return isIP(host) === 0 ? {} : { host };
}

/** A watch may end without an error: then nothing would be heard any more. */
async function follow(
  watch: AsyncIterable<KvWatchEntry>,
  told: (entry: BucketEntry) => void,
  ended: () => void,
): Promise<void> {
  try {
    for await (const { key, value, revision, operation } of watch) {
      told({ key, value: operation === 'PUT' ? value : new Uint8Array(0), revision });
    }
  } catch {
    // As if it had ended.
  }
  ended();
}

function bucketOf(kv: KV): Bucket {
  const written = async (write: Promise<number>): Promise<number | undefined> => {
    try {
      return await write;
    } catch (error) {
      if (OTHER_REVISION.includes(codeOf(error) ?? 0)) return undefined;
      throw error;
    }
  };
  const payload = (value: Uint8Array): Payload => value;
  return {
    update: (key, value, revision) =>
      orBucketError(() => written(kv.put(key, payload(value), { previousSeq: revision }))),
    put: (key, value) => orBucketError(() => kv.put(key, payload(value))),
    get: (key) =>
      orBucketError(async () => {
        const entry = await kv.get(key);
        if (entry === null) return undefined;
        const { value, revision, operation } = entry;
        return { key, value: operation === 'PUT' ? value : new Uint8Array(0), revision };
      }),
    remove: (key) => orBucketError(() => kv.delete(key)),
  };
}

async function orBucketError<T>(task: () => Promise<T>, place?: StorePlace): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const text = messageOf(error);
    const cause = { cause: error };
    const name = error instanceof Error ? error.name : '';
    // A fault of ours, which waiting does not mend.
    if (name === 'InvalidArgumentError') throw error;
    if (name === 'AuthorizationError' || name === 'PermissionViolationError' || /authorization violation/i.test(text)) {
      const named = place?.user !== undefined || place?.creds !== undefined;
      const help = `check user and password${named ? '' : ' (NATS_USER, NATS_PASSWORD)'}`;
      throw new BucketError('refused', `does not let us in: ${help}`, cause);
    }
    if (/altnames/i.test(text)) {
      const help = 'name it as its certificate does';
      throw new BucketError('refused', `has a certificate for another name (${text.toLowerCase()}): ${help}`, cause);
    }
    if (/certificate/i.test(text)) {
      const help =
        place?.ca === undefined ? 'give the certificate of who signed it (NATS_CA)' : 'give that of who signed it';
      throw new BucketError('refused', `is not trusted (${text.toLowerCase()}): ${help}`, cause);
    }
    const code = codeOf(error) ?? 0;
    if (NO_ROOM.includes(code)) throw new BucketError('full', text, cause);
    if (NO_JETSTREAM.includes(code) || name === 'JetStreamNotEnabled') {
      throw new BucketError('away', 'it keeps nothing: start nats-server with -js', cause);
    }
    throw new BucketError('away', text.toLowerCase() || name, cause);
  }
}

function codeOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number'
    ? error.code
    : undefined;
}
