import type { Command } from 'commander';
import { Option } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { LINK_CHOICES } from '../../core/engine/making.ts';
import { planMaking } from '../../core/making/make.ts';
import type { PayloadChoices } from '../../core/making/payload-files.ts';
import { diskCode } from '../../core/ports/disk.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addJson } from '../download-options.ts';
import { addUrl, parsePieceLength, parsePieces } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { sizeText } from '../../core/base/sizes.ts';
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
  const { tracker, webSeed, output: _, json, ...given } = flags;
  const choices = {
    ...given,
    trackers: tracker.map((url) => [url]),
    webSeeds: webSeed,
    private: flags.private === true,
    anyNames: flags.anyNames === true,
    executable: flags.executable === true,
  };
  const planned = await planMaking({ disk, clock }, source, choices, `Ensemble ${version}`);
  const { length, files, pieceLength } = planned;
  const reporter = chooseReporter(context, json === true);
  const hasher = context.backend.hasher();
  try {
    const progress = (done: number): void => reporter.work({ what: 'Hashing', done, total: length });
    const { data, info } = await planned.make(hasher, progress, context.signal);
    await writeNew(context, target, data);
    reporter.result(
      {
        event: 'done',
        file: target,
        infoHash: info.infoHash,
        ...hashFields(info.id),
        pieceLength,
        pieceCount: info.pieceCount,
        length,
      },
      `${target}: ${counted(files, 'file')}, ${sizeText(length)} in ${counted(info.pieceCount, 'piece')}, info-hash ${info.infoHash}`,
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
