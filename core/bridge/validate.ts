import * as v from 'valibot';
import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import type { BytesPerSecond, IdentityIndex, InfoHash } from '../base/ids.ts';
import type { AddOptions, CommandArgs, CommandName } from './contract.ts';
import type { DownloadChanges, Source } from '../engine/engine.ts';
import type { AddChoices, Settings } from '../engine/settings.ts';
import type { DetailPart } from './views.ts';

const MAX_LINK = 65_536;
const MAX_PATH = 4096;
const MAX_FILES = 500_000;
const MAX_PIECES = 2 ** 31 - 1;
const MAX_LIST = 256;

const flag = v.boolean();
const whole = (max: number, min = 0): v.GenericSchema<unknown, number> =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const infoHash = v.custom<InfoHash>(
  (x) => typeof x === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(x),
  'not an info-hash',
);
const rate = v.custom<BytesPerSecond>(
  (x) => typeof x === 'number' && Number.isFinite(x) && x >= 0 && x <= Number.MAX_SAFE_INTEGER,
  'not a rate',
);
/** Absolute, on any system; a zero byte would end it early. */
const path = v.custom<string>(
  (x) => typeof x === 'string' && x.length <= MAX_PATH && /^(?:\/|[A-Za-z]:[\\/]|\\\\)[^\0]*$/.test(x),
  'not an absolute path',
);
const selection = v.picklist(['rarest', 'random', 'fixed']);
const layout = v.picklist(['in-place', 'parts', 'pieces']);
const seed = v.variant('kind', [
  v.strictObject({ kind: v.literal('never') }),
  v.strictObject({ kind: v.literal('forever') }),
  v.strictObject({ kind: v.literal('ratio'), ratio: v.pipe(v.number(), v.minValue(0), v.maxValue(1e6)) }),
]);
const bind = v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(255))), v.maxLength(MAX_LIST));
const peers = v.pipe(
  v.array(v.strictObject({ host: v.pipe(v.string(), v.minLength(1), v.maxLength(255)), port: whole(65535, 1) })),
  v.maxLength(MAX_LIST),
);
const identities = whole(32, 1);
const port = whole(65535);
const maxUploads = whole(1000, 1);
const maxPeers = whole(10_000, 1);
const priority = whole(7);
const filePriorities = v.pipe(v.array(priority), v.maxLength(MAX_FILES));

const source: v.GenericSchema<unknown, Source> = v.variant('kind', [
  v.strictObject({
    kind: v.literal('torrent'),
    data: v.custom<Uint8Array>((x) => x instanceof Uint8Array && x.length <= MAX_TORRENT_BYTES, 'not a torrent file'),
  }),
  v.strictObject({ kind: v.literal('magnet'), link: v.pipe(v.string(), v.maxLength(MAX_LINK)) }),
]);

const addOptions: v.GenericSchema<unknown, AddOptions> = v.strictObject({
  output: path,
  identities,
  selection,
  share: flag,
  layout,
  bind,
  port,
  peers,
  down: rate,
  up: rate,
  identityDown: rate,
  identityUp: rate,
  maxUploads,
  maxPeers,
  seed,
  assemble: flag,
  takeOver: flag,
  stay: flag,
  filePriorities: v.exactOptional(filePriorities),
  sequential: flag,
  allowPrivate: flag,
  reuse: flag,
  paused: flag,
});

const changes: v.GenericSchema<unknown, DownloadChanges> = v.partial(
  v.strictObject({
    down: rate,
    up: rate,
    identityDown: rate,
    identityUp: rate,
    maxUploads,
    maxPeers,
    share: flag,
    seed,
    assemble: flag,
    sequential: flag,
    filePriorities,
    stay: flag,
  }),
) as v.GenericSchema<unknown, DownloadChanges>;

const choices: v.GenericSchema<unknown, AddChoices> = v.strictObject({
  output: path,
  identities,
  selection,
  share: flag,
  assemble: flag,
  layout,
  seed,
  bind,
  port,
  takeOver: flag,
  stay: flag,
  sequential: flag,
  down: rate,
  up: rate,
  identityDown: rate,
  identityUp: rate,
});

const settingsEntries = {
  folder: path,
  identities,
  selection,
  share: flag,
  assemble: flag,
  layout,
  seed,
  port,
  bind,
  down: rate,
  up: rate,
  maxUploads,
  maxPeers,
  appearance: v.picklist(['system', 'light', 'dark']),
  logLevel: v.picklist(['error', 'warn', 'info']),
  lastChoices: v.nullable(choices),
};

/** What is kept on disk: settings that an older program did not know are missing. */
export const keptSettings = v.partial(v.object(settingsEntries)) as v.GenericSchema<unknown, Partial<Settings>>;
const settingsChanges = v.partial(v.strictObject(settingsEntries)) as v.GenericSchema<unknown, Partial<Settings>>;

const parts: DetailPart[] = ['map', 'identities', 'peers', 'trackers', 'files', 'history', 'log'];
const ofDownload = v.strictObject({ infoHash });
const nothing = v.null();

const commands: { readonly [K in CommandName]: v.GenericSchema<unknown, CommandArgs<K>> } = {
  subscribe: v.strictObject({ version: whole(1_000_000) }),
  watch: v.nullable(v.strictObject({ infoHash, parts: v.pipe(v.array(v.picklist(parts)), v.maxLength(parts.length)) })),
  setVisible: v.strictObject({ visible: flag }),
  preview: v.strictObject({ source }),
  add: v.strictObject({ source, options: addOptions }),
  pause: ofDownload,
  resume: ofDownload,
  remove: v.strictObject({ infoHash, data: flag }),
  assemble: ofDownload,
  cancelAssembly: ofDownload,
  recheck: ofDownload,
  change: v.strictObject({ infoHash, changes }),
  setPriority: v.strictObject({
    infoHash,
    files: v.pipe(v.array(whole(MAX_FILES)), v.maxLength(MAX_FILES)),
    priority,
  }),
  announce: ofDownload,
  addPeers: v.strictObject({ infoHash, peers }),
  pieceSource: v.strictObject({ infoHash, piece: whole(MAX_PIECES) }),
  restartIdentity: v.strictObject({
    infoHash,
    identity: v.custom<IdentityIndex>((x) => Number.isInteger(x) && Number(x) >= 0 && Number(x) < 32, 'no identity'),
  }),
  startDemo: nothing,
  stopDemo: nothing,
  changeSettings: v.strictObject({ changes: settingsChanges }),
  folderInfo: v.strictObject({ folder: path }),
  browse: v.strictObject({ folder: v.nullable(path) }),
  chooseFolder: v.strictObject({ start: v.nullable(path) }),
  reveal: v.strictObject({ infoHash, file: v.exactOptional(whole(MAX_FILES)) }),
  openFile: v.strictObject({ infoHash, file: whole(MAX_FILES) }),
};

/** A command as it came, once it is known to be one. Throws EnsembleError('invalid-message'). */
export function checkCommand(name: unknown, args: unknown): { name: CommandName; args: CommandArgs<CommandName> } {
  if (typeof name !== 'string' || !Object.hasOwn(commands, name)) {
    throw new EnsembleError('invalid-message', `There is no command ${JSON.stringify(String(name).slice(0, 40))}.`);
  }
  const known = name as CommandName;
  const checked = v.safeParse(commands[known] as v.GenericSchema<unknown, CommandArgs<CommandName>>, args, {
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
