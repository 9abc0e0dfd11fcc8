import { MAX_IDENTITIES } from '../../base/bounds.ts';
import { bytes, bytesPerSecond, type IdentityIndex, identityIndex, millis, piece } from '../../base/ids.ts';
import type { IdentitySnapshot, MeetingSnapshot } from '../../engine/engine.ts';
import { PIECE } from '../../engine/piece-codes.ts';
import { MACHINE_PIECE, type MachineNews, type MachineStatus } from '../../identity/messages.ts';

type Known = Omit<MachineNews, 'type' | 'key' | 'pieces' | 'codes'>;

const GONE = { state: 'left', down: bytesPerSecond(0), up: bytesPerSecond(0), peers: 0 } as const;

/** The machines with which a download is shared out at a server, as its identity tells of them. */
export class Machines {
  #known: Known | undefined;
  readonly #codes: Uint8Array;
  /** By place; those that are not there any more have left. */
  readonly #machines = new Map<IdentityIndex, MachineStatus>();
  /** The places of others, in the order in which they are shown. */
  readonly #heardOf: IdentityIndex[] = [];

  constructor(pieceCount: number) {
    this.#codes = new Uint8Array(pieceCount).fill(MACHINE_PIECE.missing);
  }

  /** Whether others still fetch what is here. */
  get needed(): boolean {
    return this.#known?.needed === true;
  }

  /** How many pieces were fetched here and by another machine. */
  get twice(): number {
    return this.#known?.twice ?? 0;
  }

  /** What goes between the machines. */
  get rate(): Pick<Known, 'down' | 'up'> {
    const { down = bytesPerSecond(0), up = bytesPerSecond(0) } = this.#known ?? {};
    return { down, up };
  }

  heard({ type: _type, key: _key, pieces, codes, ...known }: MachineNews): void {
    this.#known = known;
    this.#letGo();
    for (const one of known.machines) {
      this.#machines.set(one.index, one);
      this.#shown(one.index);
    }
    pieces.forEach((p, i) => {
      if (p < this.#codes.length) this.#codes[p] = codes[i] ?? MACHINE_PIECE.missing;
    });
  }

  /** Nothing is heard of them any more: our process died, or another one begins from nothing. */
  forget(): void {
    this.#letGo();
    this.#known = undefined;
    this.#codes.fill(MACHINE_PIECE.missing);
  }

  /** How many pieces this machine fetched; undefined: that is not known. */
  get held(): number | undefined {
    const place = this.#known?.place;
    return place === undefined ? undefined : this.#codes.reduce((sum, code) => sum + (code === place ? 1 : 0), 0);
  }

  get snapshot(): MeetingSnapshot {
    const { place, waits = false, needed = false, done = false, trouble } = this.#known ?? {};
    return {
      state: trouble !== undefined ? 'trouble' : place === undefined ? 'joining' : 'met',
      waits,
      needed,
      done,
      ...(place !== undefined && { place: place + 1 }),
      ...(trouble !== undefined && { trouble }),
    };
  }

  /** The others as identities of the download, ours being the first of all. */
  get identities(): IdentitySnapshot[] {
    const others = [...this.#machines.values()].filter(({ index }) => index !== this.#known?.place);
    return others.map((one) => ({
      ...machineSnapshot(one),
      index: this.#shown(one.index),
      machine: one.index + 1,
    }));
  }

  /** Marks in a piece map what is not here and others have or claim, and who fetched what is here; returns what they claim as `begun` has it. */
  mark(codes: Uint8Array): number[] {
    const begun: number[] = [];
    if (this.#known === undefined) return begun;
    for (let p = 0; p < codes.length; p++) {
      const said = this.#codes[p] ?? MACHINE_PIECE.missing;
      const code = codes[p];
      if (said < MACHINE_PIECE.claimed && (code === PIECE.missing || code === 0)) {
        codes[p] = this.#shown(identityIndex(said));
      } else if (said >= MACHINE_PIECE.claimed && said !== MACHINE_PIECE.missing && code === PIECE.missing) {
        codes[p] = PIECE.fetching;
        begun.push(piece(p), this.#shown(identityIndex(said - MACHINE_PIECE.claimed)), 0);
      }
    }
    return begun;
  }

  /** Whoever is not heard of again has left. */
  #letGo(): void {
    for (const [index, one] of this.#machines) this.#machines.set(index, { ...one, ...GONE });
  }

  /** Ours is identity 0 here, whatever its place there is; the others follow as they were heard of. */
  #shown(place: IdentityIndex): IdentityIndex {
    if (place === this.#known?.place) return identityIndex(0);
    let at = this.#heardOf.indexOf(place);
    if (at === -1) at = this.#heardOf.push(place) - 1;
    return identityIndex(Math.min(at + 1, MAX_IDENTITIES - 1));
  }
}

/** Another machine as an identity, of which little is known. */
export function machineSnapshot({
  index,
  state,
  address,
  port,
  link,
  interfaceName,
  kind,
  proxy,
  held,
  down,
  up,
  downloaded,
  uploaded,
  peers,
}: MachineStatus): IdentitySnapshot {
  return {
    index,
    state,
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
    ...(link !== undefined && { link }),
    ...(interfaceName !== undefined && { interfaceName }),
    ...(kind !== undefined && { linkKind: kind }),
    ...(proxy !== undefined && { proxy }),
    pieces: held,
    held,
    rate: { down, up },
    downloaded,
    uploaded,
    wasted: bytes(0),
    peers,
    seeds: 0,
    punched: 0,
    claimed: 0,
    reachability: { kind: 'unknown' },
    sources: {},
    active: millis(0),
    restarts: 0,
  };
}
