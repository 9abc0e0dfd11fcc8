import { type Bytes, bytes, type Millis } from '../../base/ids.ts';
import type { EventSource, VirtualClock } from '../../sim/clock.ts';
import type { SimNet } from '../../sim/net.ts';
import type { SimHost } from '../../sim/net-host.ts';
import type { SeededRandom } from '../../sim/random.ts';
import type { SimTracker } from '../../sim/tracker.ts';
import type { ArrivalTimes } from '../arrivals.ts';
import type { Group, Scenario } from '../scenario/scenario.ts';
import { type Seconds, seconds } from '../seconds.ts';
import type { PeerOutcome } from '../world.ts';
import { EventQueue } from './event-queue.ts';
import { payloadOf } from '../frames.ts';
import { losses } from './places.ts';
import { ModelPeer, type Surroundings } from './model-peer.ts';
import { type Payload, ProgramLine } from './program-line.ts';

const PORT = 6881;
/** A newcomer is told of so many by the tracker, and dials them; nobody has more neighbours than this (`connections_limit`). */
const TOLD = 50;
const MOST_NEIGHBOURS = 200;
const LONG = 1e9 as Millis;

interface Member {
  readonly role: PeerOutcome['role'];
  readonly group: number;
  readonly index: number;
  readonly options: Group;
  readonly address: string;
  came: number | undefined;
  finished: number | undefined;
  left: number | undefined;
  peer: ModelPeer | undefined;
  /** Its program's listening socket closes. */
  close: () => void;
  /** Addresses of programs that it has a connection with. */
  readonly programs: Set<string>;
}

export interface ModelSwarmOptions {
  readonly clock: VirtualClock;
  readonly net: SimNet;
  readonly tracker: SimTracker;
  readonly random: SeededRandom;
  readonly scenario: Scenario;
  readonly times: ArrivalTimes;
  readonly payload: Payload;
}

/** All ordinary peers of a run: they come, meet each other and the user's identities, and leave. */
export class ModelSwarm implements EventSource {
  readonly #o: ModelSwarmOptions;
  readonly #s: Surroundings;
  readonly #members: readonly Member[];
  readonly #present: Member[] = [];

  constructor(options: ModelSwarmOptions) {
    this.#o = options;
    const { clock, random, payload, scenario, times } = options;
    this.#s = {
      queue: new EventQueue(),
      now: () => clock.now() / 1000,
      rng: random.uniform,
      isLost: losses(random.uniform),
      cut: payload.cut,
      pieceLength: scenario.payload.piece,
      touched: false,
    };
    const seeds = membersOf('seed', scenario.seeds);
    const leechers = membersOf('leecher', scenario.leechers);
    this.#members = [...seeds, ...leechers];
    for (const member of this.#members) {
      const at = (member.role === 'seed' ? times.seeds : times.leechers)[member.group]?.[member.index] ?? 0;
      this.#s.queue.add(at, () => this.#arrive(member));
    }
  }

  get due(): number {
    return this.#s.queue.due * 1000;
  }

  run(): boolean {
    this.#s.touched = false;
    this.#s.queue.run();
    return this.#s.touched;
  }

  /** Whether all leechers that came by then, in seconds, have everything. */
  allDone(by: number): boolean {
    return this.#members.every(
      ({ role, came, finished }) => role === 'seed' || came === undefined || came > by || finished !== undefined,
    );
  }

  /** What became of each. */
  outcomes(): readonly PeerOutcome[] {
    return this.#members.map(({ role, group, index, came, finished, left, peer }) => ({
      role,
      group,
      index,
      came: orNull(came),
      seconds: role === 'seed' || came === undefined || finished === undefined ? null : seconds(finished - came),
      left: orNull(left),
      down: bytes(peer?.down ?? 0),
      up: bytes(peer?.up ?? 0),
      toUser: bytes(peer?.toPrograms ?? 0),
      fromUser: bytes(peer?.fromPrograms ?? 0),
    }));
  }

  /** What peers of a role sent to an address of the user. */
  sentTo(address: string, role: PeerOutcome['role']): Bytes {
    let sum = 0;
    for (const member of this.#members) if (member.role === role) sum += member.peer?.sentTo.get(address) ?? 0;
    return bytes(sum);
  }

  #arrive(member: Member): void {
    const { tracker, net, scenario } = this.#o;
    const { address, options } = member;
    member.came = this.#s.now();
    const peer = new ModelPeer(this.#s, {
      address,
      ...options,
      up: payloadOf(options.up),
      down: payloadOf(options.down),
      seed: member.role === 'seed',
      completed: () => this.#completed(member),
    });
    member.peer = peer;
    const host = net.host(address, { latency: scenario.latency * 1000 });
    this.#listen(member, peer, host);
    this.#meet(member, peer, host);
    this.#present.push(member);
    tracker.add(address, PORT);
    this.#s.touched = true;
  }

  #listen(member: Member, peer: ModelPeer, host: SimHost): void {
    const limits = { silenceTimeout: LONG, stuckTimeout: LONG };
    const listening = host.listen({ address: member.address, port: PORT, ...limits }, ({ remote }) => {
      if (!this.#mayHave(member, remote.host)) return undefined;
      return ProgramLine.handler(peer, this.#o.payload, { dialled: false, ended: this.#ended(member, remote.host) });
    });
    member.close = () => void listening.then((listener) => listener.close());
  }

  /** Dials some of those who are there, as the tracker tells them. */
  #meet(member: Member, peer: ModelPeer, host: SimHost): void {
    const programs = this.#programs();
    const all = [...this.#present, ...programs];
    for (let i = 0; i < Math.min(TOLD, all.length); i++) {
      const at = i + Math.floor(this.#s.rng() * (all.length - i));
      const chosen = all[at];
      const first = all[i];
      if (chosen === undefined || first === undefined) break;
      all[at] = first;
      if ('port' in chosen) this.#dial(member, peer, host, chosen);
      else if (chosen.peer !== undefined && chosen.peer.ends.length < MOST_NEIGHBOURS) peer.meet(chosen.peer);
    }
  }

  #dial(
    member: Member,
    peer: ModelPeer,
    host: SimHost,
    remote: { readonly host: string; readonly port: number },
  ): void {
    if (!this.#mayHave(member, remote.host)) return;
    const limits = { connectTimeout: 1e4 as Millis, silenceTimeout: LONG, stuckTimeout: LONG };
    const ended = this.#ended(member, remote.host);
    host.dial(
      { remote, localAddress: member.address, ...limits },
      ProgramLine.handler(peer, this.#o.payload, { dialled: true, ended }),
    );
  }

  /** Takes a place for a connection with a program at this address, if there is one. */
  #mayHave({ programs, options, left }: Member, host: string): boolean {
    if (left !== undefined || (programs.has(host) && !options.severalPerAddress)) return false;
    programs.add(host);
    return true;
  }

  #ended({ programs }: Member, host: string): () => void {
    return () => void programs.delete(host);
  }

  /** The user's identities that the tracker knows. */
  #programs(): { readonly host: string; readonly port: number }[] {
    const known = new Map<string, { readonly host: string; readonly port: number }>();
    for (const { peerId, host, port, event } of this.#o.tracker.heard) {
      if (event === 'stopped') known.delete(peerId);
      else known.set(peerId, { host, port });
    }
    return [...known.values()];
  }

  #completed(member: Member): void {
    member.finished = this.#s.now();
    const { leave } = member.options;
    if (leave.kind === 'never') return;
    // Not within what told it.
    this.#s.queue.add(this.#s.now() + (leave.kind === 'after' ? leave.seconds : 0), () => this.#leave(member));
  }

  #leave(member: Member): void {
    member.left = this.#s.now();
    this.#present.splice(this.#present.indexOf(member), 1);
    this.#o.tracker.drop(member.address);
    member.close();
    member.peer?.leave();
    this.#s.touched = true;
  }
}

const orNull = (time: number | undefined): Seconds | null => (time === undefined ? null : seconds(time));

function membersOf(role: PeerOutcome['role'], groups: readonly Group[]): Member[] {
  let number = 0;
  return groups.flatMap((options, group) =>
    Array.from({ length: options.count }, (_, index): Member => {
      number++;
      return {
        role,
        group,
        index,
        options,
        address: `10.${role === 'seed' ? 1 : 2}.${number >>> 8}.${number & 255}`,
        came: undefined,
        finished: undefined,
        left: undefined,
        peer: undefined,
        close: () => {},
        programs: new Set(),
      };
    }),
  );
}
