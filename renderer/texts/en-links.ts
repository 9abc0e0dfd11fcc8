import type { LinkKind, PathVerdict } from '../../core/base/choices.ts';
import type { LinkCondition, LinkRole } from '../../core/engine/link-profiles.ts';

const kinds: Readonly<Record<LinkKind, string>> = {
  wired: 'wired',
  wireless: 'wireless',
  mobile: 'mobile modem',
  vpn: 'tunnel',
  virtual: 'virtual',
  unknown: 'of unknown kind',
};

const roles: Readonly<Record<LinkRole, { name: string; what: string }>> = {
  both: { name: 'Fetch and seed', what: 'As every client does.' },
  fetch: { name: 'Fetch only', what: 'Nothing is uploaded by it, and nothing is seeded.' },
  seed: { name: 'Seed only', what: 'Nothing is fetched by it; what other links fetched is uploaded.' },
};

const conditions: Readonly<Record<LinkCondition['kind'], string>> = {
  always: 'Always',
  up: 'While another interface is up',
  down: 'While another interface is down',
  hours: 'Between two times of the day',
};

const verdicts: Readonly<Record<PathVerdict, string>> = {
  own: 'Right: leaves by it',
  elsewhere: 'A policy rule is missing',
  nowhere: 'Does not leave',
  untold: 'This system does not tell',
};

/** What is said of the ways out of the machine. */
export const linkTexts = {
  kinds,
  roles,
  conditions,
  verdicts,
  temporary: 'temporary',
  deprecated: 'deprecated',
  seenAs: (address: string) => `seen from outside as ${address}`,
  unplugged: 'nothing is plugged in',
  choice: 'Links',
  waits: (why: string) => `waits: ${why}`,
  shared: (one: string, other: string) =>
    `${one} and ${other} leave by the same way: together they carry no more than one of them.`,
  seenAsOne: (one: string, other: string) => `${one} and ${other} are seen from outside as one: they may share a line.`,
  seeLinks: 'Links, in the bar, says what sets that right.',

  title: 'Links',
  subtitle: 'Every way out of this computer, and what downloads send by it.',
  loading: 'Looking…',
  inUse: 'Links in use',
  noneInUse: 'No download uses a link, and none has a name.',
  machine: 'Addresses of this computer',
  noAddresses: 'This computer has no address except its loopback.',
  columns: {
    link: 'Link',
    state: 'State',
    down: 'Down',
    up: 'Up',
    came: 'Came',
    left: 'Left',
    address: 'Address',
    router: 'Router',
    way: 'Packets leave by',
  },
  ready: (identities: number, figure: string) =>
    identities === 0 ? 'Ready' : identities === 1 ? '1 identity' : `${figure} identities`,
  chosenBySystem: 'as the system chooses',
  month: (used: string, allowance: string) => `${used} of ${allowance} this month`,
  tunnel: 'Tunnel: leaves by it',
  to: (by: string, router: string) => `${by}, to ${router}`,
  commands: (address: string) => `Commands for ${address}`,
  make: 'As root, to set it right',
  undo: 'To take that back',
  copyShort: 'Copy',
  copy: (address: string) => `Copy the commands that set ${address} right`,
  noRouter: 'Its router is not known: name it in Settings, Network.',
  edit: 'Names and limits…',
  close: 'Close',

  profiles: {
    label: 'Links with names',
    none: 'No link has a name yet. A name stands for an address, an interface or a proxy, with limits and conditions that hold for all downloads.',
    add: 'Name a link',
    change: (name: string) => `Change ${name}`,
    remove: (name: string) => `Remove ${name}`,
    newTitle: 'New link',
    name: 'Name',
    bind: 'Address or interface',
    bindHint: 'Such as eth0, wg0 or 192.0.2.14. An interface is followed where its address changes.',
    proxy: 'Proxy',
    proxyHint: 'socks5://HOST:PORT or http://HOST:PORT; nothing goes beside it.',
    proxyNone: 'none',
    down: 'Down, all downloads',
    up: 'Up, all downloads',
    limitHint: 'kB/s; 0 means no limit.',
    role: 'Used to',
    when: 'Used when',
    interface: 'Interface',
    from: 'From',
    to: 'Until',
    metered: 'Metered: so much a month, in both directions together',
    allowance: 'Allowance',
    allowanceUnit: 'GB',
    day: 'The month begins on day',
    meteredHint: 'When it is used up the link waits for the next month.',
    save: 'Save',
    usual: 'Links of new downloads',
    errors: {
      name: 'Give it a name of at most 40 characters, without commas and slashes.',
      taken: 'Another link has this name.',
      place: 'Give an address, an interface or a proxy.',
      proxy: 'Give socks5://HOST:PORT or http://HOST:PORT.',
      limit: 'Limits are whole numbers of kB/s.',
      interface: 'Name the interface.',
      allowance: 'Give a number of GB above 0, and a day from 1 to 28.',
    },
  },
} as const;
