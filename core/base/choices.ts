/** How pieces are shared out among identities (A6-A8). */
export const SELECTION_MODES = ['rarest', 'random', 'fixed'] as const;
export type SelectionMode = (typeof SELECTION_MODES)[number];

/**
 * Where pieces lie until assembly (architecture, "Layouts").
 * `in-place`: at their final offsets in the torrent's files, under a temporary root.
 * `parts`: in `part-<i>`, one append-only file an identity, with an index piece -> offset beside it.
 * `pieces`: `pieces/<index>`, whose exclusive create is the claim.
 */
export const LAYOUT_KINDS = ['in-place', 'parts', 'pieces'] as const;
export type LayoutKind = (typeof LAYOUT_KINDS)[number];

/**
 * Which of the machines that meet at a server end with the whole download: each, unless one says `here`; only those that say `here`; not
 * this one, which keeps its part.
 */
export const COLLECT_MODES = ['all', 'here', 'none'] as const;
export type CollectMode = (typeof COLLECT_MODES)[number];

/** How a router was asked for a port. */
export const MAPPING_PROTOCOLS = ['pcp', 'nat-pmp', 'upnp'] as const;
export type MappingProtocol = (typeof MAPPING_PROTOCOLS)[number];

/** When a seed has done enough by one measure; `none`: never by that one. */
export type SeedGoal = 'none' | number;

/** When a seed has done enough: as soon as one of these is reached. */
export interface SeedGoals {
  /** Uploaded over downloaded payload. */
  readonly ratio: SeedGoal;
  /** How long it has seeded, milliseconds. */
  readonly time: SeedGoal;
  /** How long nobody has taken a byte of it meanwhile, milliseconds. */
  readonly idle: SeedGoal;
}

/** After completion. `goals`: until one is reached; those that are missing are those of its category, or else of all downloads. */
export type SeedRule =
  | { readonly kind: 'never' }
  | { readonly kind: 'forever' }
  | { readonly kind: 'ratio'; readonly ratio: number }
  | ({ readonly kind: 'goals' } & Partial<SeedGoals>);

/** What a link is made of. `virtual`: it leads into this machine, to containers or virtual machines. */
export const LINK_KINDS = ['wired', 'wireless', 'mobile', 'vpn', 'virtual', 'unknown'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/**
 * Whether a program that binds an address leaves by its link. `own`: yes; `elsewhere`: packets leave by another link, with a sender's
 * address that is not of it; `nowhere`: they do not leave at all; `untold`: the system does not tell.
 */
export type PathVerdict = 'own' | 'elsewhere' | 'nowhere' | 'untold';

/** What becomes of a seed that has done enough: it leaves the swarm, or the list too. Its files stay. */
export const AFTER_SEEDING = ['stop', 'remove'] as const;

/** What carries a connection with a peer: TCP, or uTP (BEP 29). */
export const TRANSPORTS = ['tcp', 'utp'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

/**
 * Encryption of connections with peers (MSE). `off`: plain text alone. `preferred`: offered first, and both are taken.
 * `required`: everything is encrypted with RC4, and a peer that will not is no peer.
 */
export const ENCRYPTION_POLICIES = ['off', 'preferred', 'required'] as const;
export type EncryptionPolicy = (typeof ENCRYPTION_POLICIES)[number];

/** How a connection is encrypted: not at all; everything with RC4; the handshake alone. */
export const ENCRYPTIONS = ['plain', 'rc4', 'header'] as const;
export type EncryptionKind = (typeof ENCRYPTIONS)[number];
