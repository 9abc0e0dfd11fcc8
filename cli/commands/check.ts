import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import { identityIndex, piece } from '../../core/base/ids.ts';
import { Geometry } from '../../core/metainfo/geometry.ts';
import type { Info } from '../../core/metainfo/torrent.ts';
import { recheck } from '../../core/store/recheck.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { counted } from '../output/format.ts';
import { ranges } from '../output/ranges.ts';
import { readTorrent } from '../source.ts';

export function defineCheck(program: Command): Command {
  return addJson(
    program
      .command('check')
      .description('verify files against the torrent; says which pieces and files are bad')
      .argument('<source>', 'a .torrent file')
      .argument('<dir>', "the folder that holds the torrent's file or folder"),
  );
}

interface FileReport {
  readonly path: string;
  readonly length: number;
  /** Pieces that hold bytes of it and are missing or wrong. */
  readonly badPieces: number;
}

/** `ensemble check`: EnsembleError('verification') where something is bad. */
export async function check(
  context: Context,
  source: string,
  dir: string,
  flags: { readonly json?: boolean },
): Promise<void> {
  const { torrent } = await readTorrent(context, source);
  const { info } = torrent;
  const geometry = new Geometry(info);
  const folder = resolvePath(context, dir);
  const reporter = chooseReporter(context, flags.json === true);
  const hasher = context.backend.hasher();
  try {
    const good = await recheck(
      { disk: context.backend.disk, hasher },
      {
        info,
        geometry,
        // Files under their final names below the folder: there is no working folder.
        location: {
          layout: 'in-place',
          workFolder: folder,
          output: folder,
          assembled: true,
          identity: identityIndex(0),
        },
        count: 1,
      },
      (done, total) => reporter.work({ what: 'Checking', done, total }),
      context.signal,
    );
    const bad: number[] = [];
    for (let i = 0; i < info.pieceCount; i++) if (good[i] !== 1) bad.push(i);
    const files = fileReports(info, geometry, good);
    const absent = await missingEmptyFiles(context, info, folder);
    const badFiles = files.filter(({ badPieces }) => badPieces > 0);
    const lines = badFiles.map((file) => `bad: ${file.path} (${counted(file.badPieces, 'piece')})`);
    lines.push(...absent.map((name) => `missing: ${name}`));
    if (bad.length > 0) lines.push(`bad pieces: ${ranges(bad)}`);
    lines.push(`${info.pieceCount - bad.length} of ${counted(info.pieceCount, 'piece')} good.`);
    reporter.result(
      {
        event: 'done',
        infoHash: info.infoHash,
        good: info.pieceCount - bad.length,
        total: info.pieceCount,
        bad,
        files,
        missing: absent,
      },
      lines.join('\n'),
    );
    if (bad.length + absent.length > 0) {
      const count = badFiles.length + absent.length;
      throw new EnsembleError('verification', `${counted(count, 'file')} below ${folder} missing or wrong.`);
    }
  } finally {
    reporter.close();
    await hasher.close();
  }
}

function fileReports(info: Info, geometry: Geometry, good: Uint8Array): FileReport[] {
  const out: FileReport[] = [];
  for (const [i, file] of info.files.entries()) {
    if (file.padding) continue;
    const range = geometry.piecesOf(i);
    let badPieces = 0;
    if (range) for (let p = range.first; p <= range.last; p = piece(p + 1)) if (good[p] !== 1) badPieces++;
    out.push({ path: file.path.join('/'), length: file.length, badPieces });
  }
  return out;
}

/** Files without bytes are in no piece: they only have to be there. */
async function missingEmptyFiles(context: Context, info: Info, folder: string): Promise<string[]> {
  const out: string[] = [];
  for (const file of info.files) {
    if (file.padding || file.length > 0) continue;
    const found = await context.backend.disk.info(resolvePath(context, [folder, ...file.path].join('/')));
    if (found?.kind !== 'file') out.push(file.path.join('/'));
  }
  return out;
}
