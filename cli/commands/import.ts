import type { Command } from 'commander';
import { counted } from '../../core/base/counted.ts';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { BridgeClient } from '../../core/bridge/contract.ts';
import type { Importer } from '../../core/entry/import-torrents.ts';
import { look } from '../../core/import/look.ts';
import { readFolder } from '../../core/import/read-folder.ts';
import type { Reading } from '../../core/import/reading.ts';
import { abortable } from '../abortable.ts';
import { type Context, resolvePath } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { stateFolder } from '../state-folder.ts';
import { foundFields, foundText, refusedText } from '../output/found.ts';
import type { Reporter } from '../output/reporter.ts';
import { KEEPERS } from '../remote/programs.ts';

interface ImportFlags {
  readonly do?: boolean;
  readonly output?: string;
  readonly paused?: boolean;
  readonly state?: string;
  readonly json?: boolean;
}

export function defineImport(program: Command): Command {
  return addJson(
    program
      .command('import')
      .description('the torrents that Transmission, qBittorrent or aria2 keep; --do takes them over')
      .argument(
        '[folder]',
        'where one of them keeps its torrents, or a session file of aria2 (default: the usual places)',
      )
      .option('--do', 'add them to the list, also of a program that runs')
      .option('-o, --output <dir>', 'where files go that are not seeded where they are (default: that of the settings)')
      .option('--paused', 'all begin paused (default: those that are paused there)')
      .option('--state <dir>', "whose list (default: the platform's folder for such things)"),
  );
}

interface Counts {
  added: number;
  present: number;
  refused: number;
}

/** `ensemble import`: without `--do` nothing is changed. Of theirs nothing ever is. */
export async function importTorrents(context: Context, folder: string | undefined, flags: ImportFlags): Promise<void> {
  const { backend, signal } = context;
  const dry = flags.do !== true;
  const reporter = chooseReporter(context, flags.json === true);
  const state = stateFolder(context, flags);
  const folders = folder === undefined ? await usualFolders(context) : [resolvePath(context, folder)];
  const { importer, client } = await openList(context, state, dry);
  const counts: Counts = { added: 0, present: 0, refused: 0 };
  try {
    const choice = {
      output: flags.output === undefined ? importer.folder : resolvePath(context, flags.output),
      paused: flags.paused === true,
    };
    for (const one of folders) {
      if (flags.json !== true) reporter.result({}, one);
      const foreseen: Counts = { added: 0, present: 0, refused: 0 };
      await readOne(context, reporter, one, folder !== undefined, async (reading) => {
        signal.throwIfAborted();
        if ('refused' in reading) {
          foreseen.refused++;
          const { client: whose, record, refused: message } = reading;
          return reporter.result({ event: 'refused', client: whose, record, message }, refusedText(reading));
        }
        const planned = await look(backend.disk, reading);
        const present = importer.has(reading);
        foreseen[present ? 'present' : 'added']++;
        reporter.result(foundFields(planned, choice.output, present), foundText(planned, choice.output, present));
        if (!present && client === undefined) await importer.add(planned, choice);
      });
      // What is none of theirs it would refuse, and the others with it.
      const takes = client !== undefined && Object.values(foreseen).some((count) => count > 0);
      const { added, present, refused } = takes
        ? await abortable(context, takenBy(client, reporter, one, choice))
        : foreseen;
      counts.added += added;
      counts.present += present;
      counts.refused += refused;
    }
    if (!dry && client === undefined) await importer.finish();
    const { added, ...rest } = counts;
    reporter.result({ event: 'done', [dry ? 'found' : 'added']: added, ...rest }, lastWords(counts, dry));
  } finally {
    client?.close();
    await importer.close();
    reporter.close();
  }
}

/** The list of a state folder, or a line to the program that has it. */
async function openList(
  { backend }: Context,
  state: string,
  dry: boolean,
): Promise<{ readonly importer: Importer; readonly client?: BridgeClient }> {
  try {
    return { importer: await backend.openImporter(state, { dry }) };
  } catch (error) {
    if (dry || !(error instanceof EnsembleError) || error.code !== 'in-use') throw error;
    const programs = await backend.runningPrograms(state);
    const keeper = programs.find(({ role }) => KEEPERS.has(role));
    for (const one of programs) if (one !== keeper) one.client.close();
    if (keeper === undefined) throw error;
    return { importer: await backend.openImporter(state, { dry: true }), client: keeper.client };
  }
}

/** Has a program that runs take a folder over, and says what it did. */
async function takenBy(
  client: BridgeClient,
  reporter: Reporter,
  folder: string,
  choice: { readonly output: string; readonly paused: boolean },
): Promise<Counts> {
  const taken = await client.call('importTorrents', { folder, ...choice });
  for (const failure of taken.failures) reporter.message(failure);
  return taken;
}

/** A folder that was not asked for by name may turn out to be none of theirs. */
async function readOne(
  { backend }: Context,
  reporter: Reporter,
  folder: string,
  named: boolean,
  each: (reading: Reading) => Promise<void>,
): Promise<void> {
  const readings = readFolder(backend.disk, folder);
  for (;;) {
    const next = await readings.next().catch((error: unknown) => {
      if (named) throw error;
      reporter.message(messageOf(error));
      return { done: true, value: undefined } as const;
    });
    if (next.done === true) return;
    await each(next.value);
  }
}

async function usualFolders({ backend, env }: Context): Promise<string[]> {
  const places = backend.placesOfClients(env);
  const there = await Promise.all(places.map((place) => backend.disk.info(place).catch(() => undefined)));
  const found = places.filter((_, i) => there[i]?.kind === 'directory');
  if (found.length > 0) return found;
  throw new EnsembleError(
    'usage',
    'Neither Transmission, qBittorrent nor aria2 keeps anything where it usually does: name its folder.',
  );
}

function lastWords({ added, present, refused }: Counts, dry: boolean): string {
  const also = [
    ...(present > 0 ? [`${present} in the list already`] : []),
    ...(refused > 0 ? [`${refused} that cannot be read`] : []),
  ].join(', ');
  const torrents = `${counted(added, 'torrent')}${also === '' ? '' : `; ${also}`}`;
  return dry
    ? `${torrents}. Nothing was changed: --do adds them to the list, and changes nothing of theirs either.`
    : `Added: ${torrents}. Each piece is read before it counts, once Ensemble runs. Remove them from the other program then.`;
}
