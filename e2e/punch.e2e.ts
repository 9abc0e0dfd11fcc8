import { expect, it } from 'vitest';
import { formatEndpoint } from '../core/base/endpoint.ts';
import { LONG } from './support/chance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { makeTorrent } from './support/clients.ts';
import type { Machine } from '../core/lab/real/machine.ts';
import { Ensemble } from './support/ensemble.ts';
import { Lab } from './support/lab.ts';
import { type Masquerade, Nats } from './support/nats.ts';
import { interop } from './support/requirements.ts';
import { makePayload } from './support/trees.ts';

const UTP = { enable_incoming_utp: true, enable_outgoing_utp: true };
const PORT = 6881;

/** One of the three, whoever made it. */
interface Player {
  /** Is connected with this machine over uTP, and says that it was helped. */
  isPunched(host: string): boolean;
  /** Is connected with this machine over uTP. */
  connects(host: string): boolean;
  until(what: () => boolean, name: string, seconds: number): Promise<void>;
}

type Maker = 'us' | 'libtorrent';
type Role = 'asker' | 'relay' | 'target';

/** Bytes a second: the one in between takes so little that the others need each other, and these are not through before they are seen. */
const DOWN = { relay: 20_000, asker: 200_000 } as const;

interface Scene {
  /** The address of the one in between. */
  readonly relay: string;
  readonly torrent: string;
  readonly folder: string;
  readonly lab: Lab;
}

/**
 * Only who asks has peer exchange besides the one in between: the other one does not dial by itself at the right time.
 */
async function startOurs(machine: Machine, address: string, role: Role, { torrent, folder, lab, relay }: Scene) {
  const out = await lab.makeFolder(`out-${role}`);
  const usual = ['--bind', address, '--port', String(PORT), '--no-dht', '--no-lsd', '--no-port-map'];
  const more = [
    ...(role === 'target' ? [] : ['--down', String(DOWN[role])]),
    ...(role === 'relay' ? [] : ['--peer', formatEndpoint({ host: relay, port: PORT })]),
    // libtorrent 2.0.8 in between finds whom it is asked for by the port at the other end (`torrent::find_peer`), over TCP not the announced one.
    ...(role === 'target' ? ['--no-pex', '--no-tcp'] : []),
  ];
  const args = role === 'target' ? ['seed', torrent, folder] : ['get', torrent, '-o', out];
  const ours = new Ensemble(machine, [...args, ...usual, ...more]);
  const identity = () =>
    (
      ours.last('progress')?.['identities'] as readonly { port?: number; punched: number; peers: number }[] | undefined
    )?.[0];
  await ours.child.until(() => identity()?.port !== undefined, 'its port', 20);
  const player: Player = {
    isPunched: () => (identity()?.punched ?? 0) > 0,
    connects: () => (identity()?.peers ?? 0) > (role === 'relay' ? 0 : 1),
    until: (what, name, seconds) => ours.child.until(what, name, seconds),
  };
  return player;
}

async function startTheirs(machine: Machine, address: string, role: Role, { torrent, folder, lab, relay }: Scene) {
  const settings = {
    ...UTP,
    ...(role === 'target' ? {} : { download_rate_limit: DOWN[role] }),
    // It asks for help only when TCP has failed too.
    peer_connect_timeout: 3,
  };
  const client = new Libtorrent(machine, {
    role: role === 'target' ? 'seed' : 'leech',
    address,
    torrent,
    folder: role === 'target' ? folder : await lab.makeFolder(`out-${role}`),
    settings,
    ...(role === 'target' ? { pex: false } : {}),
  });
  await client.child.until(() => client.status !== undefined, 'libtorrent', 20);
  if (role !== 'relay') client.connect(relay, PORT);
  const of = (host: string) => client.status?.peers.find((one) => one.host === host && one.utp);
  const player: Player = {
    isPunched: (host) => of(host)?.punched === true,
    connects: (host) => of(host) !== undefined,
    until: (what, name, seconds) => client.child.until(what, name, seconds),
  };
  return player;
}

/** Plays it until who asks is connected with whom it asks for; or, where they cannot meet, long enough to see that they do not. */
async function play(
  makers: readonly [Maker, Maker, Maker],
  masquerade: Masquerade = 'masquerade',
  canMeet = true,
): Promise<boolean> {
  const lab = await Lab.open();
  const nats = await Nats.open(lab, masquerade);
  try {
    const folder = await lab.makeFolder('payload');
    const name = await makePayload(folder, { 'payload.bin': 8 * 1024 * 1024 });
    const { torrent } = await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [] });
    const { inner, outer } = nats;
    const scene = { lab, torrent, folder, relay: nats.relay };
    const [asker, relay, target] = makers;
    const start = (maker: Maker, machine: Machine, address: string, role: Role): Promise<Player> =>
      maker === 'us' ? startOurs(machine, address, role, scene) : startTheirs(machine, address, role, scene);
    const between = await start(relay, lab, nats.relay, 'relay');
    const asked = await start(target, nats.inside[1], inner[1], 'target');
    await between.until(() => between.connects(outer[1]), 'the one that is asked for', 30);
    const asks = await start(asker, nats.inside[0], inner[0], 'asker');
    // libtorrent may close the connection for which it was helped as double, and keep a later one through the same hole.
    const meet = (): boolean =>
      asks.connects(outer[1]) && (asker === 'libtorrent' || asks.isPunched(outer[1]) || asked.isPunched(outer[0]));
    if (!canMeet) {
      await new Promise((resolve) => setTimeout(resolve, 40_000));
      return meet();
    }
    await asks.until(meet, 'the other one', 60);
    return true;
  } finally {
    await nats.close();
    await lab.close();
  }
}

const ALL = (['us', 'libtorrent'] as const).flatMap((asker) =>
  (['us', 'libtorrent'] as const).flatMap((relay) =>
    (['us', 'libtorrent'] as const).map((target) => [asker, relay, target] as const),
  ),
);
/**
 * Over IPv6 libtorrent 2.0.8 does not say where it listens until peers told it its address (`session_impl::listen_port` compares with an
 * empty IPv4 one), and in its lists of peers it leaves out who did not say it (`send_peer`).
 */
const UNNAMED = ['us', 'libtorrent', 'libtorrent'] as const;
const PLAYED = LONG ? ALL.filter((all) => all.includes('us')) : ([['us', 'us', 'libtorrent']] as const);

interop('hole punching', ['libtorrent', 'nftables'], true, () => {
  it.each(PLAYED)('%s asks %s for %s, both behind routers: they are brought together', async (...makers) => {
    expect(await play(makers)).toBe(true);
  });

  it.runIf(LONG).each(PLAYED.filter((makers) => makers.join() !== UNNAMED.join()))(
    'over IPv6 %s asks %s for %s, whose routers let nobody in',
    async (...makers) => {
      expect(await play(makers, 'ipv6')).toBe(true);
    },
  );

  it.runIf(LONG).each([
    ['through routers that choose a port for each target', ['us', 'us', 'us'], 'masquerade random,fully-random'],
    ['over IPv6, where libtorrent does not name a libtorrent', UNNAMED, 'ipv6'],
  ] as const)('%s nobody is', async (_, makers, masquerade) => {
    expect(await play(makers, masquerade, false)).toBe(false);
  });
});
