import { inLanes } from '../../base/lanes.ts';
import { identityIndex, piece, type PieceIndex } from '../../base/ids.ts';
import { verifyPieces } from '../../assembly/verify-pieces.ts';
import type { Disk } from '../../ports/disk.ts';
import { openPieceStore } from '../../store/piece-store.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { Target } from '../folder/target.ts';
import { locationOf } from '../run/run-plan.ts';
import { wantedFiles, wantedPieces } from './file-choice.ts';
import { FilesMissing } from './missing-files.ts';
import type { PieceLedger } from './piece-ledger.ts';
import type { PrepareInput } from './prepare-input.ts';

/** How many files are looked up at the same time. */
const AT_ONCE = 32;

/** Copies what is right of another program's files and missing here into the working folder. Its files are only read. */
export async function takeOthers(env: DownloadEnv, input: PrepareInput, ledger: PieceLedger): Promise<void> {
  const { info, geometry, options, others, signal, away } = input;
  if (others === undefined) return;
  const wanted = [...wantedPieces(input).indexes()].filter((p) => !ledger.present.has(p)).map(piece);
  const owner = identityIndex(0);
  const location = locationOf(input, owner, false);
  const store = await openPieceStore(env.ports, { info, geometry, count: options.identities, location });
  const source = {
    read: (p: PieceIndex, into: Uint8Array) => readPiece(input, others, p, into),
    hash: () => Promise.resolve(undefined),
  };
  let read = 0;
  const progress = { advance: (bytes: number) => input.progress((read += bytes) / info.length) };
  const work = { ports: env.ports, input: { info }, geometry, signal, progress };
  try {
    await away(() =>
      verifyPieces(work, wanted, [source], async (p, data) => {
        if (data === undefined) return;
        await store.writePiece(p, data);
        await store.recordVerified(p);
        ledger.add(p, owner);
      }),
    );
    await store.sync();
  } finally {
    await store.close();
  }
}

/** Where another program's files are all gone nothing is fetched until somebody resumes: its disk may not be attached. */
export async function othersMissing(
  { info, options, others, fetchMissing }: PrepareInput,
  target: Target,
  begun: boolean,
): Promise<FilesMissing | undefined> {
  if (others === undefined || fetchMissing || begun || target.kind !== 'none') return undefined;
  const wanted = wantedFiles(info, options.filePriorities);
  const paths = others.paths.filter((path, file) => path !== '' && wanted[file] === 1);
  let found = paths.length === 0;
  await inLanes(paths, AT_ONCE, async (path) => {
    if (!found && (await others.disk.info(path).catch(() => undefined))?.kind === 'file') found = true;
  });
  return found ? undefined : new FilesMissing(info.name, paths, false, []);
}

/** False where a part of the piece is not there. */
async function readPiece(
  { info, geometry }: PrepareInput,
  { paths, disk }: { readonly paths: readonly string[]; readonly disk: Disk },
  p: PieceIndex,
  into: Uint8Array,
): Promise<boolean> {
  for (const { file, offset, length, at } of geometry.spans(p)) {
    const part = into.subarray(at, at + length);
    if (info.files[file]?.padding === true) part.fill(0);
    else if (!(await readPart(disk, paths[file] ?? '', offset, part))) return false;
  }
  return true;
}

async function readPart(disk: Disk, path: string, offset: number, into: Uint8Array): Promise<boolean> {
  if (path === '') return false;
  // Whatever cannot be read is fetched.
  const open = await disk.open(path, 'read').catch(() => undefined);
  if (open === undefined) return false;
  try {
    let at = 0;
    while (at < into.length) {
      const n = await open.read(into.subarray(at), offset + at);
      if (n === 0) return false;
      at += n;
    }
    return true;
  } catch {
    return false;
  } finally {
    await open.close();
  }
}
