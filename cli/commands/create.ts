import path from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { choosePieceLength, encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { diskCode } from '../../core/ports/disk.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addJson } from '../download-options.ts';
import { hashPieces } from '../hash-pieces.ts';
import { addUrl, parsePieceLength } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { formatBytes } from '../output/format.ts';
import { listPayload } from '../payload-files.ts';

interface CreateFlags {
  readonly output: string;
  readonly tracker: readonly string[];
  readonly pieceLength?: number;
  readonly private?: boolean;
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
        new Option('--piece-length <size>', 'a power of two, 16K to 64M (default: by size)').argParser(
          parsePieceLength,
        ),
      )
      .option('--private', 'peers only from its trackers')
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
  const payload = await listPayload(disk, source);
  const total = payload.files.reduce((sum, file) => sum + file.length, 0);
  if (total === 0) throw new EnsembleError('usage', `${source} holds no bytes: nothing to make a torrent of.`);

  const reporter = chooseReporter(context, flags.json === true);
  const hasher = context.backend.hasher();
  try {
    const pieceLength = flags.pieceLength ?? choosePieceLength(total);
    const pieceHashes = await hashPieces(
      { disk, hasher },
      { files: payload.files, pieceLength },
      (done) => reporter.work({ what: 'Hashing', done, total }),
      context.signal,
    );
    const data = encodeTorrent({
      name: path.basename(source),
      files: payload.single ? total : payload.files,
      pieceLength,
      pieceHashes,
      trackers: flags.tracker.map((url) => [url]),
      private: flags.private ?? false,
      ...(flags.comment === undefined ? {} : { comment: flags.comment }),
      createdBy: `Ensemble ${version}`,
      creationDate: Math.floor(clock.wall() / 1000),
      webSeeds: flags.webSeed,
    });
    // What we made must be valid, for us too.
    const { info } = parseTorrent(data);
    await writeNew(context, target, data);
    reporter.result(
      { event: 'done', file: target, infoHash: info.infoHash, pieceLength, pieceCount: info.pieceCount, length: total },
      `${target}: ${counted(payload.files.length, 'file')}, ${formatBytes(total)} in ${counted(info.pieceCount, 'piece')}, info-hash ${info.infoHash}`,
    );
  } finally {
    reporter.close();
    await hasher.close();
  }
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
