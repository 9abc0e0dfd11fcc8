import type { Command } from 'commander';
import { assemble as join } from '../../core/assembly/assemble.ts';
import { MAX_IDENTITIES } from '../../core/base/bounds.ts';
import { counted } from '../../core/base/counted.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { unknownOwners } from '../../core/base/ids.ts';
import { isStoreUrl } from '../../core/base/store-place.ts';
import type { StoreLocation } from '../../core/store/layouts/layout.ts';
import { readManifest } from '../../core/store/records/manifest.ts';
import { fixedRest, restText } from '../../core/strategy/claims/fixed-rest.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addJson, addWay } from '../download-options.ts';
import { assembleTogether } from './assemble-together.ts';
import { prioritiesIn } from '../file-choice.ts';
import { findWorkFolders } from '../found-folders.ts';
import { addText } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { ranges } from '../output/ranges.ts';
import { readTorrent, type WayOut } from '../source.ts';
import { expectCheckable } from '../../core/metainfo/piece-check.ts';

interface AssembleFlags extends WayOut {
  readonly output: string;
  readonly only: readonly string[];
  readonly common?: string;
  readonly json?: boolean;
}

export function defineAssemble(program: Command): Command {
  return addWay(
    addJson(
      program
        .command('assemble')
        .description('join what identities left in a common directory, or in several folders')
        .argument('<source>', 'a .torrent file, or its address on a web server')
        .argument('[dir...]', 'common directories, or folders that identities left their parts in')
        .option('--common <url>', 'fetch the pieces from the machines that meet at a server: nats://HOST[:PORT]/NAME')
        .option('-o, --output <dir>', 'where the files go', '.')
        .option('--only <pattern>', 'assemble only the files that match (repeatable)', addText, []),
    ),
  );
}

/** `ensemble assemble`: EnsembleError('verification') where pieces are missing or wrong; then no file gets its name. */
export async function assemble(
  context: Context,
  source: string,
  folders: readonly string[],
  flags: AssembleFlags,
): Promise<void> {
  const [first, ...rest] = flags.common === undefined ? folders : [flags.common, ...folders];
  if (first === undefined) throw new EnsembleError('usage', 'Name a dir, or with --common where machines meet.');
  if (isStoreUrl(first) && rest.length === 0) return assembleTogether(context, source, flags, first);
  if (flags.common !== undefined || rest.some((folder) => isStoreUrl(folder))) {
    throw new EnsembleError('usage', '--common takes a server, such as nats://HOST/NAME, and no folders beside it.');
  }
  const { disk } = context.backend;
  const { torrent } = await readTorrent(context, source, flags);
  const { info } = torrent;
  expectCheckable(info);
  const output = resolvePath(context, flags.output);
  const wanted = prioritiesIn(info, { only: flags.only }) ?? info.files.map(() => 1);
  const found = [];
  for (const folder of folders) {
    found.push(...(await findWorkFolders(disk, resolvePath(context, folder), info.infoHash, output)));
  }
  const [location, ...others] = found;
  if (location === undefined) throw new EnsembleError('usage', 'Name at least one folder.');

  const reporter = chooseReporter(context, flags.json === true);
  const hasher = context.backend.hasher();
  try {
    const result = await join(
      { disk, hasher },
      {
        info,
        location,
        others,
        count: MAX_IDENTITIES,
        owners: unknownOwners(info.pieceCount),
        trusted: new Uint8Array(info.pieceCount),
        wantedFiles: Uint8Array.from(wanted, (priority) => (priority > 0 ? 1 : 0)),
        replace: false,
        // Identities elsewhere may still read from it: removing it is up to the user.
        keepPayload: true,
      },
      (done, total) => reporter.work({ what: 'Assembling', done, total }),
      context.signal,
    );
    if ('badPieces' in result) {
      const { badPieces } = result;
      reporter.result({ event: 'bad-pieces', pieces: badPieces }, '');
      throw new EnsembleError(
        'verification',
        `${counted(badPieces.length, 'piece')} of ${info.pieceCount} missing or wrong: ${ranges(badPieces)}. ${await whatToDo(context, found, info.pieceCount, badPieces)}`,
      );
    }
    reporter.result({ event: 'done', infoHash: info.infoHash, files: result.files }, result.files.join('\n'));
  } finally {
    reporter.close();
    await hasher.close();
  }
}

/** What the user can do about bad pieces. With fixed ranges it is known whose they are. */
async function whatToDo(
  context: Context,
  found: readonly StoreLocation[],
  pieceCount: number,
  bad: readonly number[],
): Promise<string> {
  const missing = new Set(bad);
  for (const { workFolder } of found) {
    const manifest = await readManifest(context.backend.disk, workFolder).catch(() => undefined);
    if (manifest?.selection !== 'fixed') continue;
    const { count } = manifest;
    const rests = fixedRest(count, pieceCount, (p) => missing.has(p)).map((rest) => restText(rest, count));
    return `These are ${rests.join('; ')}. Let those identities finish, run them again, or name their folders too.`;
  }
  return 'Let the identities that hold them finish, or name their folders too.';
}
