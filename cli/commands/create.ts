import path from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { type TorrentInput, choosePieceLength, encodeTorrent, planTorrent } from '../../core/metainfo/make-torrent.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { diskCode } from '../../core/ports/disk.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addJson } from '../download-options.ts';
import { hashPieces } from '../hash-pieces.ts';
import { addUrl, parsePieceLength, parsePieces } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { formatBytes } from '../output/format.ts';
import { LINK_CHOICES, type Payload, type PayloadChoices, listPayload } from '../payload-files.ts';
import { inTreeOrder } from '../../core/metainfo/made-content.ts';
import { hashFields } from '../../core/metainfo/torrent-id.ts';

interface CreateFlags extends PayloadChoices {
  readonly output: string;
  readonly tracker: readonly string[];
  readonly version: '1' | '2' | 'hybrid';
  readonly pieceLength?: number;
  readonly pieces?: number;
  readonly private?: boolean;
  readonly source?: string;
  readonly anyNames?: boolean;
  readonly executable?: boolean;
  readonly comment?: string;
  readonly webSeed: readonly string[];
  readonly json?: boolean;
}

export function defineCreate(program: Command): Command {
  return addJson(
    program
      .command('create')
      .description('make a .torrent of a file or folder')
      .argument('<path>', 'the file or folder')
      .requiredOption('-o, --output <file>', 'the .torrent to make; never overwrites one')
      .option(
        '--tracker <url>',
        'announce URL: http, https or udp (repeatable, each a tier)',
        addUrl('http', 'https', 'udp'),
        [],
      )
      .addOption(
        new Option('--version <v>', 'of the format: 1, 2 (BEP 52), or both in one, for new and old clients')
          .choices(['1', '2', 'hybrid'])
          .default('1'),
      )
      .addOption(
        new Option('--piece-length <size>', 'a power of two, 16K to 64M (default: by size)').argParser(
          parsePieceLength,
        ),
      )
      .addOption(
        new Option('--pieces <n>', 'the length that makes up to so many pieces, up to 64M')
          .argParser(parsePieces)
          .conflicts('pieceLength'),
      )
      .option('--private', 'peers only from its trackers')
      .option('--source <text>', 'makes the info-hash another one, as private trackers ask for')
      .addOption(
        new Option('--links <choice>', 'links below the folder: take what they lead to, or keep them (BEP 47)')
          .choices(LINK_CHOICES)
          .default('refuse'),
      )
      .option('--no-hidden', 'leave out what has a name that begins with a dot')
      .option('--any-names', 'take names that not every system can hold')
      .option('--executable', 'record which files are programs (BEP 47)')
      .option('--comment <text>', 'a comment for people')
      .option('--web-seed <url>', 'where its files can be fetched by HTTP (repeatable)', addUrl('http', 'https'), []),
  );
}

/** `ensemble create`: hashes what lies at `name` and writes the torrent file. */
export async function create(context: Context, name: string, flags: CreateFlags, version: string): Promise<void> {
  const { disk, clock } = context.backend;
  const source = resolvePath(context, name);
  const target = resolvePath(context, flags.output);
  if ((await disk.info(target)) !== undefined) throw overwriteError(target);
  const payload = inOrder(await listPayload(disk, source, flags), flags.version);
  const total = payload.files.reduce((sum, file) => sum + file.length, 0);
  if (total === 0) throw new EnsembleError('usage', `${source} holds no bytes: nothing to make a torrent of.`);
  const pieceLength = flags.pieceLength ?? choosePieceLength(total, flags.pieces);
  const input = {
    ...contentOf(payload, flags.executable === true),
    name: path.basename(source),
    version: VERSIONS[flags.version],
    anyNames: flags.anyNames === true,
    pieceLength,
    trackers: flags.tracker.map((url) => [url]),
    private: flags.private ?? false,
    ...(flags.source === undefined ? {} : { source: flags.source }),
    ...(flags.comment === undefined ? {} : { comment: flags.comment }),
    createdBy: `Ensemble ${version}`,
    creationDate: Math.floor(clock.wall() / 1000),
    webSeeds: flags.webSeed,
  };
  // What cannot be made is told before hours of hashing, whatever the hashes will be.
  const plan = planTorrent(input);

  const reporter = chooseReporter(context, flags.json === true);
  const hasher = context.backend.hasher();
  try {
    const hashes = await hashPieces(
      { disk, hasher },
      { files: payload.files, plan },
      (done) => reporter.work({ what: 'Hashing', done, total }),
      context.signal,
    );
    const data = encodeTorrent({ ...input, ...hashes });
    // What we made must be valid, for us too.
    const { info } = parseTorrent(data);
    await writeNew(context, target, data);
    reporter.result(
      {
        event: 'done',
        file: target,
        infoHash: info.infoHash,
        ...hashFields(info.id),
        pieceLength,
        pieceCount: info.pieceCount,
        length: total,
      },
      `${target}: ${counted(payload.files.length, 'file')}, ${formatBytes(total)} in ${counted(info.pieceCount, 'piece')}, info-hash ${info.infoHash}`,
    );
  } finally {
    reporter.close();
    await hasher.close();
  }
}

const VERSIONS = { '1': 1, '2': 2, hybrid: 'hybrid' } as const;

/** Version 2 says in which order files stand; version 1 has them as they were listed. */
function inOrder(payload: Payload, version: CreateFlags['version']): Payload {
  return version === '1' ? payload : { ...payload, files: inTreeOrder(payload.files) };
}

function contentOf({ single, files }: Payload, executable: boolean): Pick<TorrentInput, 'files' | 'executable'> {
  const [only] = files;
  if (single && only !== undefined) return { files: only.length, executable: executable && only.executable };
  return { files: files.map((file) => ({ ...file, executable: executable && file.executable })) };
}

async function writeNew(context: Context, target: string, data: Uint8Array): Promise<void> {
  const { disk } = context.backend;
  let file;
  try {
    file = await disk.open(target, 'create');
  } catch (error) {
    throw diskCode(error) === 'EEXIST' ? overwriteError(target) : error;
  }
  try {
    await file.write(data, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

function overwriteError(target: string): EnsembleError {
  return new EnsembleError('exists', `${target} is there already and is not overwritten: remove it, or name another.`);
}
