/** An address of this machine. */
export interface LocalAddress {
  /** Such as `eth0`. */
  readonly interfaceName: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** Loopback. */
  readonly internal: boolean;
}

/** The machine's network interfaces. */
export interface Interfaces {
  list(): readonly LocalAddress[];
}
