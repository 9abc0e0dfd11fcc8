import { MAX_IDENTITIES } from '../../core/base/bounds.ts';
import type { LayoutKind } from '../../core/base/choices.ts';
import { plural } from './count.ts';

const NUMBERS = ['No', 'One client', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];

const layouts: Readonly<Record<LayoutKind, { name: string; what: string }>> = {
  'in-place': {
    name: 'In place',
    what: 'Each piece at its final place in hidden files; assembling renames them. No second copy.',
  },
  parts: {
    name: 'Parts',
    what: 'One file for each identity, without holes; assembling copies from them.',
  },
  pieces: {
    name: 'Piece files',
    what: 'One file for each piece in a common directory, as in the 2007 study; assembling joins them.',
  },
};

/** What the Add dialog says. */
export const addTexts = {
  title: (name: string) => `Add ${name}`,
  /** A link chooses files of a torrent that is there. */
  addFiles: {
    title: (name: string) => `Add files to ${name}`,
    what: 'It is in the list already. The files that the link chooses are downloaded too; nothing else is changed.',
  },
  loading: 'Reading the torrent',
  odd: (count: number, figure: string, notes: number) => {
    if (count === 0) return 'Something in the torrent was left out';
    const named = plural(
      count,
      '1 file is named otherwise than in the torrent',
      '# files are named otherwise than in the torrent',
      figure,
    );
    return notes === 0 ? named : `${named}, and something was left out`;
  },
  nameHint: (own: string) => `In the torrent: ${own}. Others in the swarm see that one.`,
  inTorrent: (own: string) => `(in the torrent: ${own})`,
  moreRenamed: (count: number, figure: string) => plural(count, 'and 1 more', 'and # more', figure),
  facts: {
    pieces: (count: number, figure: string, length: string) =>
      plural(count, `1 piece of ${length}`, `# pieces of ${length}`, figure),
    trackers: (count: number, figure: string) => plural(count, '1 tracker', '# trackers', figure),
    private: 'private',
    version2: 'version 2',
    hybrid: 'versions 1 and 2',
    magnet: 'Size and files come from the swarm once it has started',
  },
  files: 'Files',
  filesSummary: (count: number, figure: string, size: string) =>
    plural(count, `1 file · ${size}`, `# files · ${size}`, figure),
  folder: 'Save in',
  choose: 'Choose…',
  folderButton: 'Folder…',
  fileButton: 'File…',
  free: (size: string) => `${size} free`,
  freeUnknown: 'The free space is not known.',
  tooSmall: (need: string, free: string) =>
    `It needs ${need}, but only ${free} are free. Choose another folder or fewer files.`,
  identities: 'Identities',
  identityHint: (count: number) =>
    count === 1
      ? 'One client fetches everything, as every BitTorrent client does.'
      : `${NUMBERS[count] ?? String(count)} clients share the work, each with its own peer id and port.`,
  oneAddress:
    'This computer has one address. Several identities behind one address bring little: most peers accept only one connection from it.',
  chooseAddresses: (figure: string) =>
    `This computer has ${figure} addresses, and the system will choose one. Their speeds add up where they belong to different links.`,
  offerAddresses: (figure: string) =>
    `This computer has ${figure} addresses on several links. Unless you choose some, only the system’s usual one is used.`,
  useEach: (figure: string) => `Use all ${figure}, with an identity each`,
  recent: 'Folders of the last downloads',
  useAll: (figure: string) => `Deal all ${figure} to the identities`,
  dealtAddresses: (figure: string) => `The ${figure} chosen addresses are dealt to the identities in turn.`,
  oneAddressChosen:
    'All identities use one address. That brings little: most peers accept only one connection from it.',
  sameLink: 'The addresses belong to one link. They share its speed, so more identities bring little there.',
  selection: 'Selection',
  share: 'Share pieces of the other identities',
  assemble: 'Assemble when complete',
  advanced: 'Advanced',
  advancedHint: 'links, machines, ports, limits, layout',
  addressesHint: 'Dealt to the identities in turn. None chosen: the system decides.',
  oneAddressHint: 'It uses the first one that is chosen, and no other way. None chosen: the system decides.',
  noAddresses: 'This computer has no address except its loopback.',
  port: 'First port',
  portHint: 'Identity 1 listens there, identity 2 on the next one. 0: a free port.',
  onePortHint: '0: a free port.',
  layout: 'Storage',
  layouts,
  limits: 'Limits',
  down: 'Down, this download',
  up: 'Up, this download',
  identityDown: 'Down, each identity',
  identityUp: 'Up, each identity',
  limitHint: 'kB/s; 0 means no limit.',
  unit: 'kB/s',
  after: 'When complete',
  sequential: 'Fetch pieces in order',
  edgesFirst: 'Fetch the first and last pieces of each file first',
  takeOver: 'Idle identities take over what slow ones have not begun',
  stay: 'Identities whose share is done stay until all is there',
  reuse: 'Use and replace files that are already there',
  paused: 'Add it paused',
  privateConfirm: (figure: string) => `Use ${figure} identities on this private torrent`,
  privateHint:
    'Private trackers count accounts and addresses. Several identities may be against their rules: ask there first.',
  privateNeeded: 'Confirm that several identities may be used on this private torrent, or choose one identity.',
  present: 'It is in the list already.',
  errors: {
    folder: 'Say where to save it: a full path.',
    identities: `Choose 1 to ${MAX_IDENTITIES} identities.`,
    noFiles: 'Choose at least one file.',
    port: 'A port is a number from 0 to 65535, with room for all identities.',
    limit: 'A limit is a number of kB/s, 0 or more.',
  },
  more: (figure: string) => `${figure} more after this one`,
  cancel: 'Cancel',
  download: 'Download',
  browser: {
    title: 'Choose a folder',
    up: 'One folder up',
    roots: 'Folders',
    empty: 'No folder in here.',
    loading: 'Reading the folder',
    choose: 'Save here',
  },
} as const;
