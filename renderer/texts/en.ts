import { MAX_TORRENT_BYTES } from '../../core/base/bounds.ts';
import type { EncryptionPolicy, SelectionMode } from '../../core/base/choices.ts';
import type { DownloadState, IdentityState } from '../../core/engine/engine.ts';
import { settingsTexts } from './en-settings.ts';
import { addTexts } from './en-add.ts';
import { feedsTexts } from './en-feeds.ts';
import { plural } from './count.ts';
import { createTexts } from './en-create.ts';
import { detailTexts } from './en-detail.ts';
import { linkTexts } from './en-links.ts';
import { importTexts } from './en-import.ts';
import { machineTexts } from './en-machines.ts';
import { manyTexts } from './en-many.ts';
import { queueTexts } from './en-queue.ts';
import { tableTexts } from './en-table.ts';

const stateNames: Readonly<Record<DownloadState, string>> = {
  metadata: 'Fetching details',
  checking: 'Checking',
  downloading: 'Downloading',
  paused: 'Paused',
  queued: 'Queued',
  complete: 'Complete',
  assembling: 'Assembling',
  done: 'Assembled',
  seeding: 'Seeding',
  moving: 'Moving',
  failed: 'Failed',
  'missing-files': 'Files are missing',
};

const identityStates: Readonly<Record<IdentityState, string>> = {
  starting: 'Starting',
  downloading: 'Downloading',
  sharing: 'Sharing',
  seeding: 'Seeding',
  paused: 'Paused',
  left: 'Left the swarm',
  restarting: 'Restarting',
  'no-address': 'Address is gone',
  'given-up': 'Given up',
  silent: 'Not heard of',
};

const modes: Readonly<Record<SelectionMode, { name: string; short: string; what: string }>> = {
  rarest: {
    name: 'Rarest first',
    short: 'rarest first',
    what: 'Each takes the rarest piece that nobody has yet. Fastest in most swarms.',
  },
  random: {
    name: 'Random',
    short: 'random',
    what: 'Each takes any piece that nobody has yet, as in the 2007 study.',
  },
  fixed: {
    name: 'Fixed ranges',
    short: 'fixed ranges',
    what: 'Each has its own part of the file. Repeatable, but the slowest decides.',
  },
};

/** All that the application says, in English. */
export const text = {
  product: 'Ensemble',
  none: '—',
  ...queueTexts,
  stateNames,
  identityStates,
  modes,
  onlyLeftOut: (count: number, figure: string) =>
    plural(count, 'Show only the one that is left out', 'Show only the # that are left out', figure),
  toolbar: {
    add: 'Add torrent',
    paste: 'Paste link',
    resume: 'Resume',
    pause: 'Pause',
    remove: 'Remove',
    search: 'Search downloads',
    /** Where there is little room. */
    searchShort: 'Search',
    settings: 'Settings',
    links: 'Links',
    down: 'Down, all downloads',
    up: 'Up, all downloads',
    openList: 'Show the list',
    closeList: 'Fold the list',
  },
  connection: {
    connecting: 'Connecting to Ensemble',
    closed: 'The connection to Ensemble is lost. Start it again, or reload this page when it runs.',
  },
  list: {
    label: 'Downloads',
    filter: 'Show',
    filters: {
      all: 'All',
      active: 'Active',
      done: 'Done',
      paused: 'Paused',
      queued: 'Queued',
      stalled: 'Stalled',
      failed: 'Failed',
    },
    sort: 'Sort by',
    sorts: {
      added: 'Date added',
      place: 'Queue',
      name: 'Name',
      progress: 'Progress',
      down: 'Download speed',
      timeLeft: 'Time left',
      size: 'Size',
    },
    descending: 'Reverse order',
    selecting: {
      begin: 'Select several',
      count: (figure: string) => `${figure} selected`,
      all: 'All',
      more: 'What to do…',
      end: 'Done',
    },
    noMatch: 'No download matches.',
    percentOf: (percent: string, total: string) => `${percent} of ${total}`,
    left: (span: string) => `${span} left`,
    ratio: (ratio: string) => `ratio ${ratio}`,
    stalled: 'Stalled',
    done: 'Done',
    /** Why nothing comes. */
    stalls: {
      noLink: 'waits for its link',
      noFetch: 'its links only seed',
      tracker: (said: string) => `tracker fails: ${said}`,
      noPeers: 'no peers',
      noSeed: (n: number, figure: string) =>
        plural(n, 'its 1 peer has nothing that is missing', 'none of its # peers has what is missing', figure),
      choked: (n: number, figure: string) => plural(n, 'its 1 peer chokes us', 'all # peers choke us', figure),
      limited: (limit: string) => `its limit of ${limit} lets hardly anything through`,
      silent: (n: number, figure: string) => plural(n, '1 peer sends nothing', '# peers send nothing', figure),
    },
    queued: (place: string) => `number ${place} in the queue`,
    nobodyHas: (n: number, figure: string) => plural(n, 'nobody has 1 piece', 'nobody has # pieces', figure),
    toGo: (n: number, figure: string) => plural(n, '1 piece to go', '# pieces to go', figure),
    identities: (n: number, figure: string) => plural(n, '1 identity', '# identities', figure),
    peers: (n: number, figure: string) => plural(n, '1 peer', '# peers', figure),
    overview: (name: string) => `Pieces of ${name}`,
    menu: {
      resume: 'Resume',
      pause: 'Pause',
      assemble: 'Assemble file',
      reveal: 'Show in folder',
      recheck: 'Check the pieces again',
      announce: 'Announce now',
      options: 'Limits and options…',
      move: 'Move files…',
      rename: 'Rename…',
      copyHash: 'Copy the info-hash',
      copyHashV1: 'Copy the info-hash (v1)',
      copyHashV2: 'Copy the info-hash (v2)',
      copyMagnet: 'Copy a magnet link',
      copyHashes: 'Copy the info-hashes',
      copyMagnets: 'Copy magnet links',
      trackers: 'Edit trackers…',
      ways: 'Choose links…',
      peer: 'Add a peer…',
      exportTorrent: 'Save the .torrent file…',
      remove: 'Remove…',
      removeData: 'Remove and delete files…',
    },
  },
  empty: {
    title: 'Drop a .torrent here',
    hint: 'or choose a file, paste a magnet link, or watch four identities share one download from a swarm on this computer.',
    /** Nothing is dropped on a phone, and the program runs elsewhere. */
    phone: {
      title: 'No downloads yet',
      hint: 'Choose a .torrent file, paste a magnet link, or watch four identities share one download from a swarm that Ensemble runs for it.',
    },
    choose: 'Choose file…',
    paste: 'Paste link',
    demo: 'Try it with a local swarm',
    demoStarting: 'Starting a local swarm',
    nothingChosen: 'Choose a download to see its pieces.',
  },
  drop: {
    title: 'Drop to add',
    hint: 'One .torrent file or several; or magnet links.',
  },
  refuse: {
    notTorrent: (name: string) => `“${name}” is no torrent file. Choose one whose name ends in .torrent.`,
    severalNotTorrents: (figure: string) => `${figure} of the files are no torrent files and were left out.`,
    tooLarge: (name: string) =>
      `“${name}” is too large for a torrent file: at most ${MAX_TORRENT_BYTES >> 20} MiB are possible.`,
    unreadable: (name: string) => `“${name}” cannot be read. Check that it is a file and that you may open it.`,
    noLink: 'Nothing in this names a torrent. Paste a magnet link, an info-hash, or the address of a .torrent file.',
    cutHash: (digits: string, figure: string) =>
      `“${digits}” has ${figure} digits. An info-hash has 40 hex digits, or 64 for version 2: copy all of it.`,
    nothingUseful: 'What was dropped is neither a file, nor a magnet link, nor the address of a .torrent file.',
    present: (name: string) => `“${name}” is in the list already.`,
  },
  paste: {
    title: 'Paste a link',
    label: 'Magnet link, info-hash or address of a .torrent file',
    hint: 'Or several, one in each line.',
    next: 'Continue',
  },
  remove: {
    title: (n: number, name: string, figure: string) => (n === 1 ? `Remove ${name}` : `Remove ${figure} downloads`),
    keep: 'The list forgets it. Files stay where they are.',
    keepSeveral: 'The list forgets them. Files stay where they are.',
    gone: 'The list forgets it, and its files are deleted.',
    goneSeveral: 'The list forgets them, and their files are deleted.',
    demo: 'The local swarm ends, and the file that it made is deleted.',
    data: 'Delete the downloaded files too',
    dataHint: 'This cannot be undone.',
    confirm: 'Remove',
    confirmData: 'Remove and delete',
  },
  trackers: {
    title: (name: string) => `Trackers of ${name}`,
    label: 'One address in each line; an empty line begins the next tier',
    hint: 'The next tier is asked when all of the one before fail.',
    private:
      'This torrent is private: other trackers than its own may be against the rules of the site that it comes from.',
    save: 'Save',
  },
  ways: {
    title: (name: string) => `Links of ${name}`,
    identities: (count: number, figure: string) =>
      plural(count, 'It goes on with one identity.', 'It goes on with # identities, one for each.', figure),
    save: 'Save',
  },
  peer: {
    title: (name: string) => `Add a peer to ${name}`,
    label: 'Address and port',
    hint: 'Such as 192.0.2.7:6881 or [2001:db8::7]:6881.',
    wrong: 'An address and a port, such as 192.0.2.7:6881.',
    add: 'Add',
  },
  exportTorrent: {
    title: (name: string) => `Save the .torrent file of ${name}`,
    folder: 'Save in',
    save: 'Save',
  },
  move: {
    title: (n: number, name: string, figure: string) => (n === 1 ? `Move ${name}` : `Move ${figure} downloads`),
    folder: 'Move to',
    hint: 'What is there and what is still to come. On another disk it is copied and compared before the originals are removed; it goes on afterwards.',
    confirm: 'Move',
    progress: (percent: string) => `Moving, ${percent}`,
    cancel: 'Cancel the move',
  },
  encryption: {
    label: 'Encryption of connections with peers',
    policies: {
      off: { name: 'Off', what: 'Plain text alone.' },
      preferred: { name: 'Preferred', what: 'Peers are offered it first; those without it are peers too.' },
      required: { name: 'Required', what: 'Everything is encrypted. Peers that cannot do it are left out.' },
    } satisfies Record<EncryptionPolicy, { readonly name: string; readonly what: string }>,
  },
  options: {
    title: (name: string) => `Limits and options of ${name}`,
    titleOfMany: (figure: string) => `Limits and options of ${figure} downloads`,
    mixed: 'mixed',
    mixedHint: 'What is mixed differs among them, and stays so unless you change it.',
    category: 'Category',
    tags: 'Tags',
    tagsHint: 'Commas between them.',
    wrongProgram: 'A quote of what is to run is left open.',
    whenDoneHint: 'Empty: what its category or the settings say.',
    wrongLabel: (most: number) => `A category or tag has at most ${most} characters.`,
    /** Where nothing has several identities. */
    alone: { maxUploads: 'Upload slots', maxPeers: 'Peers' },
    down: 'Down',
    up: 'Up',
    identityDown: 'Down, each identity',
    identityUp: 'Up, each identity',
    maxUploads: 'Upload slots, each network interface',
    maxPeers: 'Peers, each identity',
    encryptions: { off: 'Off', preferred: 'As in the settings', required: 'Required' } satisfies Record<
      EncryptionPolicy,
      string
    >,
    wrongCount: (field: string, most: number) => `${field}: a number from 1 to ${most}.`,
    save: 'Save',
  },
  notice: {
    dismiss: 'Dismiss',
    label: 'Notices',
    copied: 'Copied.',
    recheck: (name: string) => `Checking the pieces of ${name}.`,
    announced: 'Asked the trackers for more peers.',
    banned: (host: string) => `${host} is banned. The settings list whom you banned.`,
    announcedOfMany: (figure: string) => `Asked the trackers of ${figure} downloads for more peers.`,
    recheckOfMany: (figure: string) => `Checking the pieces of ${figure} downloads.`,
    /** The same happened to several downloads. */
    groups: {
      complete: (figure: string) => `Every piece of ${figure} downloads is there.`,
      assembled: (figure: string) => `${figure} downloads are done.`,
      failed: (figure: string) => `${figure} downloads cannot go on. The list says why.`,
    },
    /** What was asked for went wrong with some of the downloads. */
    failures: (failed: string, of: string, first: string) =>
      `It failed with ${failed} of ${of} downloads. The first: ${first}`,
    exported: (path: string) => `Saved ${path}.`,
    peerAdded: 'The peer will be tried.',
    restarted: (n: string) => `Identity ${n} is being restarted.`,
  },
  player: {
    player: (name: string) => `Player of ${name}`,
    waits: 'Waits for what is played next: it is fetched before all else.',
    plays: '',
    failed: 'This browser cannot play it, or it can no longer be read.',
    inBrowser: (name: string) => `${name} opens in the browser, as no other program here plays what is still coming.`,
  },
  about: {
    title: 'About Ensemble',
    version: (version: string) => `Version ${version}`,
    what: 'A BitTorrent client for coordinated multi-identity downloads. MIT licence.',
  },
  close: 'Close',
  cancel: 'Cancel',
  add: addTexts,
  links: linkTexts,
  many: manyTexts,
  machines: machineTexts,
  table: tableTexts,
  detail: detailTexts,
  settings: settingsTexts,
  feeds: feedsTexts,
  create: createTexts,
  import: importTexts,
} as const;
