import { EnsembleError, failureOf } from '../base/errors.ts';
import { exceeded, type MessageBounds } from '../bridge/line/message-bounds.ts';
import { Activity } from './activity.ts';
import { onEach, reannounce, refusing, remove, start, startNow, stop, verify } from './actions.ts';
import { type Answer, Args, isObject } from './args.ts';
import type { RpcHost } from './host.ts';
import { IdleLimits } from './idle-limits.ts';
import { freeSpace, renamePath, setLocation } from './places.ts';
import { queueMove } from './queue.ts';
import { sessionGet } from './session-get.ts';
import { sessionSet } from './session-set.ts';
import { portTest, sessionStats } from './session-stats.ts';
import { torrentAdd } from './torrent-add.ts';
import { torrentGet } from './torrent-get.ts';
import { type KeptIds, TorrentIds } from './torrent-ids.ts';
import { torrentSet } from './torrent-set.ts';
import type { World } from './world.ts';

/** Most bytes of a request: a torrent file of the largest size in base64, and what is said about it. */
export const MAX_REQUEST_BYTES = 48 * 1024 * 1024;
const BOUNDS: MessageBounds = { json: MAX_REQUEST_BYTES, depth: 16, values: 300_000, arrays: 0 };

type Method = (world: World, args: Args) => Answer | Promise<Answer>;

/** What a client is answered. */
export interface Reply {
  readonly result: string;
  readonly arguments: Answer;
  readonly tag?: number;
}

/** Answers the remote clients of Transmission, in version 17 of their protocol (Transmission 4.0; docs/rpc-spec.md there). */
export class TransmissionRpc {
  readonly #world: World;
  readonly #methods: Readonly<Record<string, Method>>;

  /** `changed` is called when `kept` has to be kept anew. */
  constructor(host: RpcHost, kept: KeptIds, changed: () => void) {
    const ids = new TorrentIds(kept, changed);
    const idle = new IdleLimits();
    const { engine } = host;
    const there = [...engine.downloads()].sort((a, b) => a.added - b.added).map(({ key }) => key);
    ids.retain(new Set(there));
    for (const key of there) ids.of(key);
    this.#world = { host, ids, idle, activity: new Activity(engine, host.clock, ids, idle) };
    this.#methods = methodsOf();
  }

  /** The numbers of torrents, for the next run. */
  get kept(): KeptIds {
    return this.#world.ids.kept;
  }

  /** Never rejects: what goes wrong is the result, as a sentence. `body`: JSON in UTF-8. */
  async answer(body: Uint8Array): Promise<Reply> {
    let tag: number | undefined;
    try {
      const request = parse(body);
      const given = request['tag'];
      if (typeof given === 'number') tag = given;
      const method = request['method'];
      if (typeof method !== 'string') throw new EnsembleError('usage', 'no method name');
      if (!Object.hasOwn(this.#methods, method)) throw new EnsembleError('usage', 'method name not recognized');
      const answer = await this.#methods[method]?.(this.#world, new Args(request['arguments']));
      return { arguments: answer ?? {}, result: 'success', ...(tag === undefined ? {} : { tag }) };
    } catch (error) {
      return { arguments: {}, result: failureOf(error).message, ...(tag === undefined ? {} : { tag }) };
    }
  }

  close(): void {
    this.#world.activity.close();
  }
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  const bad = new EnsembleError('invalid-message', 'couldn\u2019t parse request: it is no JSON object, or too large.');
  if (exceeded(body, BOUNDS) !== undefined) throw bad;
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw bad;
  }
  if (!isObject(request)) throw bad;
  return request;
}

function methodsOf(): Readonly<Record<string, Method>> {
  return {
    'blocklist-update': refusing('There is no list of blocked addresses here.'),
    'free-space': freeSpace,
    'group-get': () => ({ group: [] }),
    'group-set': refusing('There are no groups of torrents with limits of their own here.'),
    'port-test': ({ host }) => portTest(host),
    'queue-move-bottom': queueMove('bottom'),
    'queue-move-down': queueMove('down'),
    'queue-move-top': queueMove('top'),
    'queue-move-up': queueMove('up'),
    'session-close': ({ host }) => {
      host.end();
      return {};
    },
    'session-get': sessionGet,
    'session-set': sessionSet,
    'session-stats': ({ host }) => sessionStats(host),
    'torrent-add': torrentAdd,
    'torrent-get': torrentGet,
    'torrent-reannounce': onEach(reannounce),
    'torrent-remove': onEach(remove),
    'torrent-rename-path': renamePath,
    'torrent-set': torrentSet,
    'torrent-set-location': setLocation,
    'torrent-start': onEach(start),
    'torrent-start-now': onEach(startNow),
    'torrent-stop': onEach(stop),
    'torrent-verify': onEach(verify),
  };
}
