import type { SeedRule } from '../../core/base/choices.ts';
import { CLIENT_NAMES } from '../../core/import/found.ts';
import type { Planned } from '../../core/import/look.ts';
import type { Reading } from '../../core/import/reading.ts';
import { payloadLength } from '../../core/metainfo/payload-length.ts';
import { rateText, sizeText } from '../../core/base/sizes.ts';

/** What will become of its files. */
type How = 'in-place' | 'copy' | 'download' | 'magnet';

function howOf({ found, inPlace, others }: Planned): How {
  if (found.source.kind === 'magnet') return 'magnet';
  if (inPlace !== undefined) return 'in-place';
  return others === undefined ? 'download' : 'copy';
}

/** A torrent of another client, for `--json`. */
export function foundFields(planned: Planned, output: string, present: boolean): Record<string, unknown> {
  const { found, inPlace, files } = planned;
  const { client, record, name, infoHash, source, have, complete, folders, options, paused, notes } = found;
  const { added, finished, downloaded, uploaded, seeded } = found;
  const { filePriorities: _, ...told } = options;
  const info = source.kind === 'torrent' ? source.info : undefined;
  return {
    event: 'torrent',
    client,
    record,
    name,
    infoHash,
    ...(info && { length: payloadLength(info), pieces: { have, total: info.pieceCount } }),
    complete,
    files,
    folders,
    how: howOf(planned),
    output: inPlace ?? output,
    options: told,
    paused,
    ...(added !== undefined && { added }),
    ...(finished !== undefined && { finished }),
    downloaded,
    uploaded,
    seeded,
    ...(notes.length > 0 && { notes }),
    ...(present && { present }),
  };
}

export function foundText(planned: Planned, output: string, present: boolean): string {
  const { found, files } = planned;
  const { name, options, downloaded, uploaded, notes } = found;
  const facts = [
    ...(found.paused ? ['paused'] : []),
    ...(files.there < files.wanted ? [`${files.there} of ${files.wanted} files there`] : []),
    ...(options.category === undefined ? [] : [`category ${options.category}`]),
    ...(options.tags === undefined ? [] : [`tags ${options.tags.join(', ')}`]),
    ...(options.down === undefined ? [] : [`down ${rateText(options.down)}`]),
    ...(options.up === undefined ? [] : [`up ${rateText(options.up)}`]),
    ...goalsText(options.seed),
    ...(downloaded + uploaded === 0 ? [] : [`${sizeText(downloaded)} down and ${sizeText(uploaded)} up so far`]),
  ];
  const where = present ? 'is in the list already' : whereText(planned, output);
  return [
    `  ${name} (${amountOf(planned)})`,
    `    ${where}`,
    ...(facts.length > 0 ? [`    ${facts.join('; ')}`] : []),
    ...notes.map((note) => `    ${note}`),
  ].join('\n');
}

export function refusedText({ client, record, refused }: Extract<Reading, { readonly refused: string }>): string {
  return `  ${record} of ${CLIENT_NAMES[client]} cannot be taken: ${refused}`;
}

function amountOf({ found: { source, have, complete } }: Planned): string {
  if (source.kind === 'magnet') return 'a magnet link';
  const { info } = source;
  const there = complete ? 'all there' : have === 0 ? 'nothing' : `${have} of ${info.pieceCount} pieces`;
  return `${sizeText(payloadLength(info))}, ${there} by its record`;
}

function whereText(planned: Planned, output: string): string {
  const [from] = planned.found.folders;
  switch (howOf(planned)) {
    case 'in-place':
      return `is read, and seeded where it is: ${planned.inPlace}`;
    case 'copy':
      return `what is right of it in ${from} is copied to ${output}, and stays there as it is`;
    case 'download':
    case 'magnet':
      return `is downloaded to ${output}`;
  }
}

function goalsText(rule: SeedRule | undefined): string[] {
  if (rule?.kind !== 'goals') return [];
  const minutes = (span: number | 'none'): string =>
    span === 'none' ? 'any time' : `${Math.round(span / 60_000)} min`;
  return [
    ...(rule.ratio === undefined ? [] : [`ratio ${rule.ratio === 'none' ? 'any' : rule.ratio}`]),
    ...(rule.time === undefined ? [] : [`seeds for ${minutes(rule.time)}`]),
    ...(rule.idle === undefined ? [] : [`seeds until idle for ${minutes(rule.idle)}`]),
  ];
}
