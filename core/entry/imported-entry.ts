import type { CatalogEntry } from '../coordinator/catalog/catalog.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { firstOptions } from '../engine/first-options.ts';
import type { Settings } from '../engine/settings.ts';
import type { Planned } from '../import/look.ts';

/** What the user chooses for all that is taken over. */
export interface ImportChoice {
  /** Absolute folder for what is not seeded where it is. */
  readonly output: string;
  /** All begin paused; else those that are paused there. */
  readonly paused: boolean;
}

/** Another client's torrent as a download of ours that has not begun: what new ones begin with by the settings, and what its record says. */
export function importedEntry(
  { found, inPlace, others }: Planned,
  settings: Settings,
  choice: ImportChoice,
): CatalogEntry {
  const { source, infoHash, added, finished, downloaded, uploaded, seeded } = found;
  const output = inPlace ?? choice.output;
  const category = settings.categories.find(({ name }) => name === found.options.category);
  const isPrivate = source.kind === 'torrent' && source.info.private;
  const options = ordinaryOptions(output, {
    ...firstOptions(settings, found.options.category),
    output,
    // Several on a private torrent have to be confirmed, and here nobody is asked.
    identities: isPrivate ? 1 : (category?.identities ?? settings.identities),
    ...found.options,
  });
  // What is whole was finished at some time, even if its record does not tell when.
  const ended = finished ?? (found.complete ? added : undefined);
  return {
    infoHash,
    ...(source.kind === 'magnet' && { magnet: source.link }),
    options,
    paused: choice.paused || found.paused,
    ...(added !== undefined && { added }),
    ...(ended !== undefined && { finished: ended }),
    ...(others !== undefined && { others }),
    downloaded,
    uploaded,
    seeded,
  };
}
