import path from 'node:path';
import { EnsembleError, messageOf } from '../base/errors.ts';
import { type ImportCandidate, NOTHING_KNOWN } from '../bridge/import-candidate.ts';
import type { FolderService, ImportService, SettingsKeeper } from '../bridge/host/services.ts';
import type { Engine } from '../engine/engine.ts';
import { CLIENT_NAMES, type Found } from '../import/found.ts';
import { look, type Planned } from '../import/look.ts';
import { readFolder } from '../import/read-folder.ts';
import { idOf } from '../import/torrent-facts.ts';
import { payloadLength } from '../metainfo/payload-length.ts';
import { hashesOf } from '../metainfo/torrent-id.ts';
import { NodeDisk } from '../node/disk.ts';
import { placesOfClients } from './client-places.ts';
import { type ImportChoice, importedEntry } from './imported-entry.ts';
import { KnownTorrents } from './known-torrents.ts';

const MAX_FAILURES = 20;

/** Torrents of other clients, shown and taken into the list of a program that runs. Of theirs nothing is changed. */
export function openImportService(
  engine: Engine,
  settings: SettingsKeeper,
  folders: Pick<FolderService, 'permit'>,
): ImportService {
  const disk = new NodeDisk();
  /** What is in the list now: asked once for thousands of records, as each of its downloads has to be looked at. */
  const known = (): KnownTorrents => {
    const all = new KnownTorrents();
    for (const { infoHash, infoHashV1: v1, infoHashV2: v2 } of engine.downloads()) {
      all.note({ ...hashesOf(infoHash), ...(v1 !== undefined && { v1 }), ...(v2 !== undefined && { v2 }) });
    }
    return all;
  };
  const isPresent = ({ source, key }: Found, there: KnownTorrents): boolean =>
    engine.download(key) !== undefined || there.has(idOf(source));
  /** Folders that were not asked for by name may be missing, or out of what may be seen. */
  async function* readings(folder: string | null): ReturnType<typeof readFolder> {
    if (folder !== null) return yield* readFolder(disk, await folders.permit(folder));
    for (const place of placesOfClients(process.env)) {
      const there = await folders
        .permit(place)
        .then((one) => disk.info(one))
        .catch(() => undefined);
      if (there?.kind !== 'directory') continue;
      try {
        yield* readFolder(disk, place);
      } catch {
        // It is none of theirs.
      }
    }
  }
  const outputOf = async (output: string | null): Promise<string> =>
    output === null ? settings.current.folder : folders.permit(output);
  const takeOne = async (found: Found, choice: ImportChoice): Promise<void> => {
    const entry = importedEntry(await look(disk, found), settings.current, choice);
    const { options, magnet: _, infoHash: __, ...brought } = entry;
    const output = await folders.permit(options.output);
    const { source } = found;
    const plain = source.kind === 'magnet' ? source : { kind: 'torrent' as const, data: source.data };
    await engine.add(plain, { ...options, output, paused: entry.paused }, brought);
  };
  return {
    look: async (folder, output) => {
      const place = await outputOf(output);
      const there = known();
      const shownBefore = new KnownTorrents();
      const all: ImportCandidate[] = [];
      for await (const reading of readings(folder)) {
        if ('refused' in reading) {
          const { client, record, refused } = reading;
          all.push({ ...NOTHING_KNOWN, client: CLIENT_NAMES[client], record, name: record, notes: [refused] });
          continue;
        }
        const one = shown(await look(disk, reading), place, isPresent(reading, there));
        const id = idOf(reading.source);
        all.push(shownBefore.has(id) ? { ...one, how: null, notes: [...one.notes, TWICE] } : one);
        shownBefore.note(id);
      }
      return all;
    },
    take: async (folder, { output, paused, only }) => {
      const place = await outputOf(output);
      const counts = { added: 0, present: 0, refused: 0 };
      const failures: string[] = [];
      const there = known();
      const wanted = only && new Set(only);
      for await (const reading of readings(folder)) {
        if (wanted !== undefined && !('key' in reading && wanted.has(reading.key))) continue;
        if ('refused' in reading) counts.refused++;
        else if (isPresent(reading, there)) counts.present++;
        else {
          try {
            await takeOne(reading, { output: place, paused });
            there.note(idOf(reading.source));
            counts.added++;
          } catch (error) {
            if (error instanceof EnsembleError && error.code === 'interrupted') throw error;
            counts.refused++;
            if (failures.length < MAX_FAILURES) failures.push(`${reading.name}: ${messageOf(error)}`);
          }
        }
      }
      return { ...counts, failures };
    },
  };
}

const TWICE = 'It is the same torrent as one above.';

function shown({ found, inPlace, others }: Planned, output: string, present: boolean): ImportCandidate {
  const { client, record, name, key, infoHash, source, folders, paused, downloaded, uploaded, notes } = found;
  const { category = null, tags = [], down = 0, up = 0, seed = null } = found.options;
  const info = source.kind === 'torrent' ? source.info : undefined;
  return {
    client: CLIENT_NAMES[client],
    record: path.basename(record),
    name,
    key,
    infoHash,
    length: info === undefined ? null : payloadLength(info),
    how: inPlace !== undefined ? 'in-place' : others === undefined ? 'download' : 'copy',
    output: inPlace ?? output,
    from: folders[0] ?? null,
    paused,
    have: found.complete || info === undefined ? Number(found.complete) : found.have / Math.max(1, info.pieceCount),
    category,
    tags,
    down,
    up,
    seed,
    downloaded,
    uploaded,
    present,
    notes,
  };
}
