import { expect, it } from 'vitest';
import { formatEndpoint } from '../core/base/endpoint.ts';
import { decodeExtensionHandshake } from '../core/wire/extension-handshake.ts';
import { decodePeerExchange } from '../core/wire/peer-exchange.ts';
import { Capture, type Packet } from './support/capture.ts';
import { LONG } from './support/chance.ts';
import { startAria2 } from '../core/lab/real/aria2.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { startTransmission } from '../core/lab/real/transmission.ts';
import { makeTorrent, type MadeTorrent } from './support/clients.ts';
import { type Conversation, conversationsOf } from './support/conversation.ts';
import { Ensemble } from './support/ensemble.ts';
import { address, address6, Lab, untilListens } from './support/lab.ts';
import { COMMAND_LINE, interop } from './support/requirements.ts';
import { makePayload, treeOf } from './support/trees.ts';
import { Wing } from './support/wing.ts';

const MIB = 1024 * 1024;
const PORT = 6881;

/** A lab with a torrent that names no tracker: whoever wants peers has to hear of them in other ways. */
async function withoutTracker(
  length: number,
  play: (scene: { lab: Lab } & MadeTorrent) => Promise<void>,
): Promise<void> {
  const lab = await Lab.open();
  try {
    const folder = await lab.makeFolder('payload');
    const name = await makePayload(folder, { 'found.bin': length });
    await play({ lab, ...(await makeTorrent(lab, { folder, name, pieceLength: 64 * 1024, trackers: [] })) });
  } finally {
    await lab.close();
  }
}

/** The first packet of each connection that `from` made to `to`. */
const dials = (packets: readonly Packet[], from: string, to: string): Packet[] =>
  packets.filter((one) => one.syn && one.from === from && one.to === to && one.toPort === PORT);

/** All that one side of a conversation told of peers. */
function toldIn({ messages }: Conversation, ours: boolean): string[] {
  // Under the number that the other side gave.
  let number: number | undefined;
  const told: string[] = [];
  for (const message of messages) {
    if (message.name !== 'extended') continue;
    const [id = 0] = message.payload;
    const rest = message.payload.subarray(1);
    if (id === 0 && message.ours !== ours) number = decodeExtensionHandshake(rest).messages.get('ut_pex') ?? number;
    else if (id !== 0 && message.ours === ours && id === number) {
      told.push(...decodePeerExchange(rest).added.map(formatEndpoint));
    }
  }
  return told;
}

type Kind = 'libtorrent' | 'Transmission' | 'aria2';

interop('peer exchange', ['libtorrent', 'transmission', 'aria2', 'tcpdump'], true, () => {
  const kinds: readonly Kind[] = LONG ? ['libtorrent', 'Transmission', 'aria2'] : ['libtorrent'];
  const [theirs, middle] = [address(2), address(4)];

  /** Starts one that fetches, and tells and hears of peers. */
  async function begin(lab: Lab, kind: Kind, there: { address: string; torrent: string; folder: string }) {
    if (kind === 'libtorrent') return new Libtorrent(lab, { role: 'leech', ...there }).child;
    if (kind === 'aria2') return startAria2(lab, { ...there, pex: true });
    return startTransmission(lab, { ...there, settings: { 'pex-enabled': true } });
  }

  /** A swarm of four in one family, in which the one in the middle and we have to bring the two others together. */
  async function meet({ lab, torrent, folder }: { lab: Lab } & MadeTorrent, kind: Kind, at: typeof address) {
    const [theirs, ours, middle, us] = [at(2), at(3), at(4), at(11)];
    const place = (host: string): string => formatEndpoint({ host, port: PORT });
    const into = await lab.makeFolder(`middle ${us}`);
    // The two seeds dial, and neither hears nor tells of anybody.
    const seed = (from: string, peer: string): Ensemble => {
      // So slow that the download is still there when the peers of its first minute are told.
      const ways = ['--no-pex', '--no-lsd', '--peer', place(peer), '--up', '35K'];
      return new Ensemble(lab, ['seed', torrent, folder, '--bind', from, '--port', String(PORT), ...ways]);
    };
    const there = { address: middle, torrent, folder: into };
    await untilListens(await begin(lab, kind, there), () => lab.listens(middle, PORT));
    const first = seed(theirs, middle);
    await first.child.until(() => ((first.last('progress')?.['peers'] ?? 0) as number) > 0, 'the middle', 60);
    const out = await lab.makeFolder(`out ${us}`);
    const peers = ['--peer', place(middle), '--no-lsd'];
    const get = new Ensemble(lab, ['get', torrent, '-o', out, '--bind', us, '--port', String(PORT), ...peers]);
    const second = seed(ours, us);
    const { code } = await get.exit(150);
    expect(code, get.child.output.slice(-4000)).toBe(0);
    expect(await treeOf(out)).toEqual(await treeOf(folder));
    return (packets: readonly Packet[]): void => {
      expect(dials(packets, us, theirs), 'we dial whom it knows').not.toHaveLength(0);
      expect(dials(packets, middle, ours), 'it dials whom we know').not.toHaveLength(0);
      expect([first.child.ended, second.child.ended]).toEqual([false, false]);
    };
  }

  it.each(kinds)('a peer known to %s alone is found through it, and one known to us alone through us', (kind) =>
    withoutTracker(6 * MIB, async (scene) => {
      await scene.lab.addIpv6();
      const capture = await Capture.start(scene.lab, 200);
      // By IPv6 meanwhile, as the first exchange takes a minute.
      const families = kind === 'libtorrent' ? [address, address6] : [address];
      const seen = await Promise.all(families.map((at) => meet(scene, kind, at)));
      const packets = await capture.stop();
      for (const look of seen) look(packets);
    }),
  );

  it('siblings are never told of, and their peers are', () =>
    withoutTracker(3 * MIB, async ({ lab, torrent, folder }) => {
      const capture = await Capture.start(lab);
      const identities = [address(11), address(12), address(13)];
      const seed = new Libtorrent(lab, { role: 'seed', address: theirs, torrent, folder, uploadLimit: 150_000 });
      const into = await lab.makeFolder('leech');
      const leech = new Libtorrent(lab, { role: 'leech', address: middle, torrent, folder: into, uploadLimit: 50_000 });
      await leech.child.until(() => leech.status !== undefined && seed.status !== undefined, 'both', 20);
      const out = await lab.makeFolder('out');
      const peers = [theirs, middle].flatMap((host) => ['--peer', `${host}:${PORT}`]);
      // In plain text, so that the capture can be read.
      const ways = ['--no-lsd', '--encryption', 'off'];
      const args = ['-o', out, '-n', '3', '--bind', identities.join(','), '--port', '7000', ...ways, ...peers];
      await new Ensemble(lab, ['get', torrent, ...args]).done(120);
      const packets = await capture.stop();
      const siblings = identities.map((host, i) => `${host}:${7000 + i}`);
      const told = identities.flatMap((host) => conversationsOf(packets, host).flatMap((one) => toldIn(one, true)));
      expect(told).toContain(`${theirs}:${PORT}`);
      expect(told.filter((one) => identities.some((host) => one.startsWith(`${host}:`)))).toEqual([]);
      // The others do tell of them, and nobody dials.
      const heard = identities.flatMap((host) => conversationsOf(packets, host).flatMap((one) => toldIn(one, false)));
      expect(
        heard.some((one) => siblings.includes(one)),
        heard.join(' '),
      ).toBe(true);
      const among = packets.filter(({ syn, from, to }) => syn && identities.includes(from) && identities.includes(to));
      expect(among).toEqual([]);
    }));
});

interop('local discovery', ['libtorrent', 'transmission', 'tcpdump'], true, () => {
  const kinds: readonly Kind[] = LONG ? ['libtorrent', 'Transmission'] : ['libtorrent'];

  it.each(kinds.flatMap((kind) => [true, false].map((weFirst) => [kind, weFirst] as const)))(
    'finds %s in the same network, and is found by it (we are there first: %s)',
    (kind, weFirst) =>
      withoutTracker(MIB, async ({ lab, torrent, folder }) => {
        const wings = await Wing.openAll(lab, 2);
        const [theirs, ours] = wings as [Wing, Wing];
        try {
          const capture = await Capture.start(lab, 200);
          const out = await lab.makeFolder('out');
          const get = (): Ensemble => {
            const args = ['-o', out, '--bind', ours.address, '--port', String(PORT), '--no-pex'];
            return new Ensemble(ours, ['get', torrent, ...args]);
          };
          const begin = async (): Promise<void> => {
            const there = { address: theirs.address, torrent, folder };
            if (kind === 'libtorrent') {
              new Libtorrent(theirs, { role: 'seed', ...there, settings: { enable_lsd: true } });
            } else await startTransmission(theirs, { ...there, settings: { 'lpd-enabled': true } });
          };
          // Whoever was there first has said so long ago, and hears who comes.
          const early = weFirst ? get() : undefined;
          if (!weFirst) await begin();
          await new Promise((resolve) => setTimeout(resolve, 12_000));
          if (weFirst) await begin();
          await (early ?? get()).done(90);
          const packets = await capture.stop();
          const [from, to] = weFirst ? [ours.address, theirs.address] : [theirs.address, ours.address];
          expect(dials(packets, from, to), 'dialled by whoever was first').not.toHaveLength(0);
          const announces = packets.filter((one) => one.toPort === 6771 && one.from === ours.address);
          expect(announces.length).toBeGreaterThan(0);
        } finally {
          for (const wing of wings) await wing.close();
        }
      }),
  );

  it('a private torrent is neither announced there nor exchanged', () =>
    withoutTracker(MIB, async ({ lab, folder }) => {
      const torrent = lab.path('private.torrent');
      const payload = lab.path('payload', 'found.bin');
      await lab.run([process.execPath, COMMAND_LINE, 'create', payload, '-o', torrent, '--private'], 30);
      const [theirs, ours] = (await Wing.openAll(lab, 2)) as [Wing, Wing];
      try {
        const capture = await Capture.start(lab);
        new Libtorrent(theirs, { role: 'seed', address: theirs.address, torrent, folder });
        const out = await lab.makeFolder('out');
        // In plain text, so that the capture can be read.
        const peer = ['--peer', `${theirs.address}:${PORT}`, '--encryption', 'off'];
        const args = ['-o', out, '--bind', ours.address, ...peer];
        await new Ensemble(ours, ['get', torrent, ...args]).done(90);
        const packets = await capture.stop();
        expect(packets.filter(({ toPort, from }) => toPort === 6771 && from === ours.address)).toEqual([]);
        const offers = conversationsOf(packets, ours.address)
          .flatMap(({ messages }) => messages)
          .filter(({ ours: mine, name, payload: [id] }) => mine && name === 'extended' && id === 0)
          .map(({ payload: data }) => [...decodeExtensionHandshake(data.subarray(1)).messages.keys()]);
        expect(offers).not.toHaveLength(0);
        for (const names of offers) expect(names).not.toContain('ut_pex');
      } finally {
        for (const wing of [theirs, ours]) await wing.close();
      }
    }));
});
