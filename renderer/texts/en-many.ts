import { plural } from './count.ts';

/** What the dialog says in which several torrents are added. */
export const manyTexts = {
  title: 'Add several torrents',
  link: 'Magnet link',
  list: 'Torrents to add',
  all: 'All that can be added',
  torrents: (count: number, figure: string) => plural(count, '1 torrent', '# torrents', figure),
  refused: (count: number, figure: string) => plural(count, '1 refused', '# refused', figure),
  known: (figure: string) => `${figure} there already`,
  failed: (count: number, figure: string) => plural(count, '1 failed', '# failed', figure),
  added: (figure: string) => `${figure} added`,
  files: (count: number, figure: string) => plural(count, '1 file', '# files', figure),
  magnet: 'size and files come from the swarm',
  fates: {
    reading: 'Reading…',
    present: 'It is in the list of downloads already.',
    twice: 'It is the same torrent as another one here.',
    adding: 'Adding…',
    added: 'Added.',
  },
  oneByOne: 'One by one…',
  privateConfirm: (count: number, identities: string, figure: string) =>
    plural(
      count,
      `Use ${identities} identities on the private torrent among them`,
      `Use ${identities} identities on the # private torrents among them`,
      figure,
    ),
  reading: (left: string) => `Reading: ${left} to go`,
  adding: (done: string, of: string) => `Adding: ${done} of ${of}`,
  stop: 'Stop',
  add: (count: number, of: number, figure: string) =>
    count > 1 && count === of ? `Add all ${figure}` : `Add ${figure}`,
  again: 'Try again',
  addNone: 'Add all',
  none: 'Choose at least one torrent that can be added.',
  problem: (failed: number, figure: string) =>
    plural(failed, '1 torrent was not added. It is', '# torrents were not added. They are', figure) +
    ' in the list above with the reason, and can be tried again.',
  done: (count: number, figure: string, left: number, leftFigure: string) =>
    plural(count, '1 torrent was added', '# torrents were added', figure) +
    (left === 0 ? '.' : plural(left, '; 1 was left out.', '; # were left out.', leftFigure)),
} as const;
