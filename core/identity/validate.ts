import * as v from 'valibot';
import { SELECTION_MODES } from '../base/choices.ts';
import { EnsembleError } from '../base/errors.ts';
import { count, flag, host, identity, infoHash, text } from '../engine/values.ts';
import type { DownloadSetup, FromIdentity, ToIdentity } from './messages.ts';
import * as part from './validate-parts.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

const { pieces } = part;

const setup: v.GenericSchema<unknown, DownloadSetup> = v.object({
  infoHash,
  identity,
  count: part.identityCount,
  peerId: part.peerId,
  trackerKey: count,
  address: v.exactOptional(text),
  port: count,
  rawInfo: v.exactOptional(part.rawInfo),
  trackers: part.trackers,
  location: part.location,
  selection: v.picklist(SELECTION_MODES),
  tuning: part.tuning,
  shares: v.exactOptional(part.shares),
  owners: v.exactOptional(part.bytePerPiece),
  begun: part.begunRecords,
  priorities: v.exactOptional(part.bytePerPiece),
  seed: flag,
  paused: flag,
});

const about = <Type extends string>(type: Type) => v.object({ type: v.literal(type), infoHash });
const aboutPieces = <Type extends string>(type: Type) => v.object({ type: v.literal(type), infoHash, pieces });

const toIdentity: v.GenericSchema<unknown, ToIdentity> = v.variant('type', [
  v.object({ type: v.literal('start'), version: count, identity, limits: part.rateLimits }),
  v.object({ type: v.literal('add'), setup }),
  v.object({ type: v.literal('shares'), infoHash, state: part.share, pieces }),
  v.pipe(
    v.object({ type: v.literal('present'), infoHash, pieces, owners: part.bytePerPiece }),
    v.check((m) => m.owners.length === m.pieces.length, 'owners and pieces differ in number'),
  ),
  v.object({ type: v.literal('give-back'), infoHash, most: count }),
  aboutPieces('lost'),
  v.object({ type: v.literal('swarm-availability'), infoHash, counts: part.counts }),
  v.object({ type: v.literal('peers'), infoHash, dial: part.endpoints }),
  v.object({ type: v.literal('give-up-peers'), infoHash, count, needed: v.boolean() }),
  v.object({ type: v.literal('siblings'), infoHash, peerIds: part.peerIds, endpoints: part.endpoints }),
  v.object({ type: v.literal('ban'), infoHash, hosts: part.hosts }),
  v.object({ type: v.literal('tune'), infoHash, tuning: part.tuning }),
  v.object({ type: v.literal('priorities'), infoHash, priorities: part.bytePerPiece }),
  v.object({ type: v.literal('limits'), limits: part.rateLimits }),
  about('pause'),
  about('resume'),
  about('announce'),
  about('leave'),
  about('seed'),
  about('close-files'),
  v.object({ type: v.literal('moved'), infoHash, location: part.location }),
  v.object({ type: v.literal('watch'), infoHash: v.exactOptional(infoHash) }),
  v.object({ type: v.literal('ping'), n: count }),
  v.object({ type: v.literal('stop') }),
]);

const fromIdentity: v.GenericSchema<unknown, FromIdentity> = v.variant('type', [
  v.object({ type: v.literal('ready'), version: count }),
  v.object({ type: v.literal('listening'), infoHash, endpoint: part.endpoint }),
  aboutPieces('claim'),
  aboutPieces('release'),
  v.object({ type: v.literal('verified'), infoHash, pieces: part.verifiedPieces }),
  aboutPieces('synced'),
  v.object({ type: v.literal('hash-failed'), infoHash, piece: part.pieceIndex, from: part.addresses }),
  v.object({ type: v.literal('banned'), infoHash, host }),
  about('idle'),
  v.object({ type: v.literal('peers-found'), infoHash, endpoints: part.endpoints }),
  v.object({
    type: v.literal('peer'),
    infoHash,
    endpoint: part.endpoint,
    peerId: part.peerId,
    incoming: flag,
    connected: flag,
  }),
  v.object({ type: v.literal('availability'), infoHash, counts: part.counts }),
  v.object({ type: v.literal('metadata'), infoHash, rawInfo: part.rawInfo }),
  v.object({ type: v.literal('status'), swarms: v.pipe(v.array(part.swarmStatus), v.maxLength(10_000)) }),
  v.object({ type: v.literal('failed'), infoHash, code: part.errorCode, message: text }),
  v.object({ type: v.literal('tracker-warning'), infoHash, message: text }),
  about('files-closed'),
  about('leaving'),
  v.object({ type: v.literal('left'), infoHash, begun: part.begunRecords }),
  v.object({ type: v.literal('pong'), n: count }),
  v.object({ type: v.literal('stopped') }),
]);

const toWorker: v.GenericSchema<unknown, ToWorker> = v.variant('type', [
  v.object({
    type: v.literal('recheck'),
    version: count,
    rawInfo: part.rawInfo,
    location: part.location,
    count: part.identityCount,
    pieces: v.exactOptional(pieces),
    owners: v.exactOptional(part.bytePerPiece),
  }),
  v.object({
    type: v.literal('assemble'),
    version: count,
    rawInfo: part.rawInfo,
    location: part.location,
    count: part.identityCount,
    owners: part.bytePerPiece,
    trusted: part.bytePerPiece,
    wantedFiles: part.bytePerPiece,
    replace: flag,
  }),
]);

const fromWorker: v.GenericSchema<unknown, FromWorker> = v.variant('type', [
  v.object({ type: v.literal('progress'), done: count, total: count }),
  v.object({ type: v.literal('rechecked'), good: part.bytePerPiece }),
  v.object({ type: v.literal('assembled'), files: v.pipe(v.array(v.string()), v.maxLength(1_000_000)) }),
  v.object({ type: v.literal('bad-pieces'), pieces }),
  v.object({ type: v.literal('failed'), code: part.errorCode, message: text }),
]);

/** Checks a message from the coordinator. Throws EnsembleError('invalid-message'). */
export function parseToIdentity(message: unknown): ToIdentity {
  return parse(toIdentity, message, 'message to an identity');
}

/** Checks a message from an identity. Throws EnsembleError('invalid-message'). */
export function parseFromIdentity(message: unknown): FromIdentity {
  return parse(fromIdentity, message, 'message from an identity');
}

/** Checks a message to a worker. Throws EnsembleError('invalid-message'). */
export function parseToWorker(message: unknown): ToWorker {
  return parse(toWorker, message, 'message to a worker');
}

/** Checks a message from a worker. Throws EnsembleError('invalid-message'). */
export function parseFromWorker(message: unknown): FromWorker {
  return parse(fromWorker, message, 'message from a worker');
}

function parse<T>(schema: v.GenericSchema<unknown, T>, message: unknown, what: string): T {
  const result = v.safeParse(schema, message, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const type = typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : 'none';
  const where = v.getDotPath(issue) ?? 'the message';
  throw new EnsembleError(
    'invalid-message',
    `A ${what} is not of its form (type ${type.slice(0, 40)}): ${where}: ${issue.message.slice(0, 200)}`,
  );
}
