import * as v from 'valibot';
import { MAX_FILES, MAX_PIECES, MAX_TORRENT_BYTES } from '../../base/bounds.ts';
import { EnsembleError } from '../../base/errors.ts';
import { addOptions, downloadChanges } from '../../engine/download-options.ts';
import { feedRule } from '../../engine/feeds.ts';
import { makeChoices } from '../../engine/making.ts';
import type { QueueMove, Source } from '../../engine/engine.ts';
import { settingsChanges } from '../../engine/settings.ts';
import { flag, host, identity, path, peerList, priority, text, torrentKey as key, whole } from '../../engine/values.ts';
import type { CommandArgs, CommandName } from '../contract.ts';
import { LOOK_PARTS } from '../looks.ts';
import type { DetailPart } from '../views.ts';

const MAX_LINK = 65_536;
/** Most downloads that one command moves or brings. */
const MAX_MOVED = 100_000;

const file = whole(0, MAX_FILES);

const torrentFile = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length <= MAX_TORRENT_BYTES,
  'not a torrent file',
);
const source: v.GenericSchema<unknown, Source> = v.variant('kind', [
  v.strictObject({ kind: v.literal('torrent'), data: torrentFile }),
  v.strictObject({ kind: v.literal('magnet'), link: v.pipe(v.string(), v.maxLength(MAX_LINK)) }),
]);

const to: v.GenericSchema<unknown, QueueMove> = v.union([
  v.picklist(['top', 'up', 'down', 'bottom']),
  v.strictObject({ before: key }),
  v.strictObject({ after: key }),
]);

const parts: DetailPart[] = ['map', 'identities', 'peers', 'sources', 'files', 'history', 'log'];
const MAX_TRACKERS = 256;
const trackerTiers = v.pipe(v.array(v.pipe(v.array(text), v.maxLength(MAX_TRACKERS))), v.maxLength(MAX_TRACKERS));
const ofDownload = v.strictObject({ key });
const nothing = v.null();

const commands: { readonly [K in CommandName]: v.GenericSchema<unknown, CommandArgs<K>> } = {
  subscribe: v.strictObject({ version: whole(0, 1_000_000) }),
  watch: v.nullable(v.strictObject({ key, parts: v.pipe(v.array(v.picklist(parts)), v.maxLength(parts.length)) })),
  setVisible: v.strictObject({ visible: flag }),
  list: nothing,
  look: v.strictObject({ key, parts: v.pipe(v.array(v.picklist(LOOK_PARTS)), v.maxLength(LOOK_PARTS.length)) }),
  settings: nothing,
  paths: nothing,
  fetchTorrent: v.strictObject({ url: v.pipe(v.string(), v.maxLength(MAX_LINK), v.regex(/^https?:\/\//i)) }),
  preview: v.strictObject({ source }),
  add: v.strictObject({ source, options: addOptions }),
  pause: ofDownload,
  resume: ofDownload,
  reopen: v.strictObject({
    key,
    place: v.union([v.strictObject({ output: path, found: flag }), v.strictObject({ reuse: v.literal(true) })]),
  }),
  move: v.strictObject({ key, output: path }),
  cancelMove: ofDownload,
  rename: v.strictObject({
    key,
    path: v.pipe(v.string(), v.maxLength(8192)),
    name: v.pipe(v.string(), v.maxLength(1024)),
  }),
  remove: v.strictObject({ key, data: flag }),
  assemble: ofDownload,
  cancelAssembly: ofDownload,
  recheck: ofDownload,
  change: v.strictObject({ key, changes: downloadChanges }),
  setPriority: v.strictObject({
    key,
    files: v.pipe(v.array(file), v.maxLength(MAX_FILES)),
    priority,
  }),
  reorder: v.strictObject({ keys: v.pipe(v.array(key), v.maxLength(MAX_MOVED)), to }),
  announce: ofDownload,
  links: ofDownload,
  setTrackers: v.strictObject({ key, tiers: trackerTiers }),
  exportTorrent: v.strictObject({ key, folder: path }),
  addPeers: v.strictObject({ key, peers: peerList }),
  pieceSource: v.strictObject({ key, piece: whole(0, MAX_PIECES - 1) }),
  dhtNodes: nothing,
  restartIdentity: v.strictObject({
    key,
    identity,
  }),
  startDemo: nothing,
  stopDemo: nothing,
  makeTorrent: v.strictObject({ path, choices: makeChoices }),
  cancelMaking: nothing,
  saveTorrent: v.strictObject({ folder: path, name: text, data: torrentFile }),
  chooseFile: v.strictObject({ start: v.nullable(path) }),
  importCandidates: v.strictObject({ folder: v.nullable(path), output: v.nullable(path) }),
  importTorrents: v.strictObject({
    folder: v.nullable(path),
    output: v.nullable(path),
    paused: flag,
    only: v.exactOptional(v.pipe(v.array(key), v.maxLength(MAX_MOVED))),
  }),
  readFeed: v.strictObject({ url: text }),
  feedItems: v.strictObject({ feed: v.nullable(text), rule: v.nullable(feedRule) }),
  takeItem: v.strictObject({ feed: text, id: text }),
  statistics: nothing,
  readFilter: nothing,
  banPeer: v.strictObject({ host }),
  useAlternativeLimits: v.strictObject({ on: flag }),
  changeSettings: v.strictObject({ changes: settingsChanges }),
  folderInfo: v.strictObject({ folder: path }),
  browse: v.strictObject({ folder: v.nullable(path) }),
  chooseFolder: v.strictObject({ start: v.nullable(path) }),
  reveal: v.strictObject({ key, file: v.exactOptional(file) }),
  openFile: v.strictObject({ key, file }),
  play: v.strictObject({ key, file }),
};

/** Checks a command and its arguments as they came. Throws EnsembleError('invalid-message'). */
export function checkCommand(name: unknown, args: unknown): { name: CommandName; args: CommandArgs<CommandName> } {
  if (typeof name !== 'string' || !Object.hasOwn(commands, name)) {
    throw new EnsembleError('invalid-message', `There is no command ${JSON.stringify(String(name).slice(0, 40))}.`);
  }
  const known = name as CommandName;
  const checked = v.safeParse(commands[known] as v.GenericSchema<unknown, CommandArgs<CommandName>>, byKey(args), {
    abortEarly: true,
  });
  if (checked.success) return { name: known, args: checked.output };
  const [issue] = checked.issues;
  const where = v.getDotPath(issue);
  throw new EnsembleError(
    'invalid-message',
    `The command ${known} cannot be carried out${where === null ? '' : `: ${where}`}: ${issue.message}.`,
  );
}

/** Scripts know a torrent by its info-hash: they may say `infoHash` where windows say `key`. */
function byKey(args: unknown): unknown {
  if (typeof args !== 'object' || args === null || !('infoHash' in args) || 'key' in args) return args;
  const { infoHash, ...others } = args;
  return { ...others, key: infoHash };
}
