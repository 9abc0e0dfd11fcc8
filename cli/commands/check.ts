import path from 'node:path';
import type { Command } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { identityIndex, piece } from '../../core/base/ids.ts';
import { Geometry } from '../../core/metainfo/geometry.ts';
import type { Info } from '../../core/metainfo/torrent.ts';
import { namedAsFound } from '../../core/store/own-names.ts';
import { recheck } from '../../core/store/layouts/recheck.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addJson, addWay } from '../download-options.ts';
import { listedNames } from '../listed-names.ts';
import { chooseReporter } from '../output/choose.ts';
import { ranges } from '../output/ranges.ts';
import { readTorrent, type WayOut } from '../source.ts';
import { addState } from '../state-folder.ts';
import { expectCheckable } from '../../core/metainfo/piece-check.ts';
import { hashFields } from '../../core/metainfo/torrent-id.ts';

export function defineCheck(program: Command): Command {
  const command = program
    .command('check')
    .description('verify files against the torrent; says which pieces and files are bad')
    .argument('<source>', 'a .torrent file, or its address on a web server')
    .argument('<dir>', "the folder that holds the torrent's file or folder");
  return addState(addWay(addJson(command)));
}

interface FileReport {
  readonly path: string;
  readonly length: number;
  /** Bytes on disk; undefined where there is no such file. */
  readonly found?: number;
  /** A link has its name; links are not followed. */
  readonly link?: true;
  /** How many pieces with bytes of it are missing or wrong. */
  readonly badPieces: number;
}

/** `ensemble check`: EnsembleError('verification') where something is bad. */
export async function check(
  context: Context,
  source: string,
  dir: string,
  flags: WayOut & { readonly json?: boolean },
): Promise<void> {
  const { torrent } = await readTorrent(context, source, flags);
  const folder = resolvePath(context, dir);
  expectCheckable(torrent.info);
  const names = await listedNames(context, () => torrent.info, folder);
  const info = await namedAsFound(context.backend.disk, torrent.info, folder, names);
  const geometry = new Geometry(info);
  const reporter = chooseReporter(context, flags.json === true);
  const hasher = context.backend.hasher();
  try {
    const good = await recheck(
      { disk: context.backend.disk, hasher },
      {
        info,
        geometry,
        // The files have their final names below the folder: there is no working folder.
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
    const files = fileReports(info, geometry, good, await foundOf(context, info, folder));
    const badFiles = files.filter((file) => file.badPieces > 0 || file.found !== file.length);
    const lines = badFiles.map(fileLine);
    if (bad.length > 0) lines.push(`bad pieces: ${ranges(bad)}`);
    lines.push(`${info.pieceCount - bad.length} of ${counted(info.pieceCount, 'piece')} good.`);
    reporter.result(
      {
        event: 'done',
        infoHash: info.infoHash,
        ...hashFields(info.id),
        good: info.pieceCount - bad.length,
        total: info.pieceCount,
        bad,
        files,
      },
      lines.join('\n'),
    );
    if (badFiles.length > 0) {
      const count = counted(badFiles.length, 'file');
      throw new EnsembleError('verification', `${count} below ${folder} missing or wrong.`);
    }
  } finally {
    reporter.close();
    await hasher.close();
  }
}

function fileLine({ path: name, length, found, link, badPieces }: FileReport): string {
  if (link === true) return `bad: ${name} (a link: links are not followed here)`;
  if (found === undefined) return `missing: ${name}`;
  if (found !== length) return `bad: ${name} (${found} bytes instead of ${length})`;
  return `bad: ${name} (${counted(badPieces, 'piece')})`;
}

function fileReports(
  info: Info,
  geometry: Geometry,
  good: Uint8Array,
  found: readonly Pick<FileReport, 'found' | 'link'>[],
): FileReport[] {
  const out: FileReport[] = [];
  for (const [i, file] of info.files.entries()) {
    if (file.padding) continue;
    const range = geometry.piecesOf(i);
    let badPieces = 0;
    if (range) for (let p = range.first; p <= range.last; p = piece(p + 1)) if (good[p] !== 1) badPieces++;
    out.push({ path: file.path.join('/'), length: file.length, ...found[i], badPieces });
  }
  return out;
}

/** What is found on disk under each file's name. */
function foundOf(context: Context, info: Info, folder: string): Promise<Pick<FileReport, 'found' | 'link'>[]> {
  return Promise.all(
    info.files.map(async (file) => {
      if (file.padding) return {};
      const found = await context.backend.disk.info(path.join(folder, ...file.path));
      if (found?.kind === 'link') return { link: true };
      return found?.kind === 'file' ? { found: found.size } : {};
    }),
  );
}
