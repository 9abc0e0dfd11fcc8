import { type Bytes, bytes, type Millis, UNKNOWN_OWNER } from '../base/ids.ts';
import type { DownloadOptions, DownloadSnapshot } from '../engine/engine.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimMachine } from '../sim/machine.ts';
import { Line } from '../sim/net-link.ts';
import { SimNet } from '../sim/net.ts';
import type { SimHost } from '../sim/net-host.ts';
import { SeededRandom } from '../sim/random.ts';
import { SimTracker } from '../sim/tracker.ts';
import { arrivalTimes } from './arrivals.ts';
import { payloadOf, TURN } from './frames.ts';
import { ModelSwarm } from './model/model-swarm.ts';
import { type LabPayload, labPayload } from './model/payload.ts';
import type { Arm } from './scenario/arms.ts';
import type { ClientName, Scenario, User } from './scenario/scenario.ts';
import { seconds } from './seconds.ts';
import type { IdentityOutcome, Outcome, PieceTime, World } from './world.ts';

/** How often the user's download is looked at, in milliseconds: as exact are its times. */
const LOOK = 100;

/** Of whom there are models. */
const MODELLED: readonly ClientName[] = ['libtorrent'];

/** The simulated world: our engine as it ships in the user's place, ordinary peers as models of libtorrent, time and network virtual. */
export class SimWorld implements World {
  readonly name = 'sim';
  /** What a payload of the same form was before: making it takes longer than small runs. */
  #payload: { readonly key: string; readonly made: LabPayload } | undefined;

  refusals({ seeds, leechers, user }: Scenario): readonly string[] {
    const out: string[] = [];
    for (const [name, groups] of Object.entries({ seeds, leechers })) {
      groups.forEach(({ client }, i) => {
        if (!MODELLED.includes(client))
          out.push(
            `${name}.${i}.client is ${client}, of which the simulated world has no model: use libtorrent, or --world real`,
          );
      });
    }
    if (user.client !== 'ensemble')
      out.push(`user.client is ${user.client}, but in the simulated world the user has Ensemble: use --world real`);
    return out;
  }

  async run(scenario: Scenario, _arm: Arm, seed: number, signal: AbortSignal): Promise<Outcome> {
    const clock = new VirtualClock();
    const net = new SimNet(clock, new SeededRandom(seed));
    const tracker = new SimTracker(clock);
    const payload = this.#payloadOf(scenario, tracker.url);
    const times = arrivalTimes(scenario, seed);
    const random = new SeededRandom(Math.imul(seed + 1, 0x85ebca6b));
    const swarm = new ModelSwarm({ clock, net, tracker, random, scenario, times, payload });
    clock.join(swarm);
    const limit = scenario.limit * 1000;
    await clock.advance(Math.min(limit, times.user * 1000));
    const { user } = scenario;
    const addresses = addressesOf(user);
    const machine = new SimMachine({
      clock,
      // Another sequence than the peers': what we ask of chance does not change theirs.
      random: new SeededRandom(Math.imul(seed + 1, 0xc2b2ae35)),
      host: hostOf(net, clock, scenario, addresses),
      http: tracker.http(addresses[0] ?? ''),
    });
    const came = clock.now();
    const watch = new Watch(machine, payload, scenario, came);
    await machine.add(payload.torrent, optionsOf(user, addresses));
    let done: Millis | undefined;
    while (clock.now() < limit) {
      signal.throwIfAborted();
      await clock.advance(Math.min(LOOK, limit - clock.now()));
      const state = done === undefined ? watch.look(clock.now()) : 'done';
      if (state === 'failed') break;
      if (state === 'done') done ??= clock.now();
      if (done !== undefined && swarm.allDone(done / 1000)) break;
    }
    const shown = machine.snapshot(payload.torrent);
    await clock.resolve(machine.coordinator.close(), 600_000);
    return {
      end: done !== undefined && swarm.allDone(done / 1000) ? 'done' : 'limit',
      lasted: seconds(clock.now() / 1000),
      user: {
        came: seconds(came / 1000),
        seconds: done === undefined ? null : seconds((done - came) / 1000),
        down: shown.downloaded,
        up: shown.uploaded,
        wasted: shown.wasted,
        twice: shown.duplicatePieces,
        identities: identityOutcomes(shown, watch.pieces, swarm, scenario),
      },
      peers: swarm.outcomes(),
      programs: { libtorrent: 'model of 2.0' },
      notes: {},
    };
  }

  #payloadOf({ payload: { size, piece } }: Scenario, tracker: string): LabPayload {
    const key = `${size} ${piece}`;
    if (this.#payload?.key !== key) this.#payload = { key, made: labPayload(size, piece, [[tracker]]) };
    return this.#payload.made;
  }
}

/** Notes when which identity got which piece. */
class Watch {
  readonly pieces: PieceTime[][];
  readonly #machine: SimMachine;
  readonly #payload: LabPayload;
  readonly #came: number;
  readonly #seen: Uint8Array;

  constructor(machine: SimMachine, payload: LabPayload, { user }: Scenario, came: number) {
    this.#machine = machine;
    this.#payload = payload;
    this.#came = came;
    this.pieces = Array.from({ length: user.K }, () => []);
    this.#seen = new Uint8Array(payload.cut.pieces);
  }

  look(now: number): DownloadSnapshot['state'] {
    const { state, key } = this.#machine.snapshot(this.#payload.torrent);
    const map = this.#machine.coordinator.pieceMap(key)?.pieces;
    const at = seconds((now - this.#came) / 1000);
    for (let piece = 0; map !== undefined && piece < map.length; piece++) {
      const owner = map[piece] ?? UNKNOWN_OWNER;
      if (this.#seen[piece] === 1 || owner >= this.pieces.length) continue;
      this.#seen[piece] = 1;
      this.pieces[owner]?.push([at, piece]);
    }
    return state;
  }
}

function identityOutcomes(
  { identities }: DownloadSnapshot,
  pieces: readonly (readonly PieceTime[])[],
  swarm: ModelSwarm,
  { user, measure }: Scenario,
): IdentityOutcome[] {
  const addresses = addressesOf(user);
  // Behind one address nobody can tell whom of them something was sent.
  const apart = addresses.length === user.K;
  return identities.map(({ index, downloaded, uploaded }) => {
    const address = addresses[index % addresses.length] ?? '';
    const from = (role: 'seed' | 'leecher'): Bytes | null => (apart ? swarm.sentTo(address, role) : null);
    return {
      index,
      address,
      seconds: pieces[index]?.at(-1)?.[0] ?? null,
      down: bytes(downloaded),
      up: bytes(uploaded),
      fromSeeds: from('seed'),
      fromLeechers: from('leecher'),
      pieces: measure.pieces ? (pieces[index] ?? []) : [],
    };
  });
}

/** The addresses of the user's machine. */
function addressesOf({ addresses, K, links }: User): readonly string[] {
  const count = addresses === 'own' ? K : addresses === 'one' ? 1 : links.length;
  return Array.from({ length: count }, (_, i) => `10.3.0.${i + 1}`);
}

function hostOf(net: SimNet, clock: VirtualClock, { user, latency }: Scenario, addresses: readonly string[]): SimHost {
  const { up, down, links } = user;
  const shared =
    user.addresses === 'links'
      ? {}
      : { shared: { up: new Line(clock, payloadOf(up)), down: new Line(clock, payloadOf(down)) } };
  const host = net.host(addresses, { latency: latency * 1000, ...shared });
  links.forEach((link, i) => {
    host.link(addresses[i]).up.rate = payloadOf(link.up);
    host.link(addresses[i]).down.rate = payloadOf(link.down);
  });
  // Else a request on a slow line waits for a block of each peer that is uploaded to.
  for (const address of addresses) host.link(address).up.turn = TURN;
  return host;
}

function optionsOf(user: User, addresses: readonly string[]): Partial<DownloadOptions> {
  return {
    identities: user.K,
    bind: addresses,
    selection: user.selection,
    ...(user.strategy === undefined ? {} : { strategy: user.strategy }),
    ...(user.dealing === undefined ? {} : { dealing: user.dealing }),
    share: user.share,
    takeOver: user.moving,
    stay: user.stay,
    maxUploads: user.slots,
    up: user.limit,
    // The tracker tells of all peers; the others are ways to the same ones.
    dht: false,
    pex: false,
    lsd: false,
    seed: { kind: 'never' },
  };
}
