import { expect, it } from 'vitest';
import { decode } from '../core/bencode/bencode.ts';
import { Capture } from './support/capture.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { announcesOf, conversationsOf } from './support/conversation.ts';
import type { Conversation, WireMessage } from './support/conversation.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { leechAddress, ourAddresses, seedAddress, withScene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;
const LENGTH = 3 * MIB + 99;
const PIECE = 64 * 1024;
const PIECES = Math.ceil(LENGTH / PIECE);
const BLOCK = 16 * 1024;
/** In seconds. */
const LATE = 2;

/** Bits of the reserved bytes that a client may set, by their number counted from the first bit. */
const RESERVED: Readonly<Record<string, number>> = {
  'extension protocol': 43, // BEP 10
  'version 2': 59, // BEP 52
  'fast extension': 61, // BEP 6
  DHT: 63, // BEP 5
};

/** The names of the bits that are set; a bit without a name is shown by its number. */
const announced = (reserved: Buffer): string[] =>
  Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => ((reserved[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1)
    .map((bit) => Object.keys(RESERVED).find((name) => RESERVED[name] === bit) ?? `bit ${bit}`);

const flat = (payload: Buffer): Record<string, unknown> => decode(payload) as unknown as Record<string, unknown>;
const named = ({ messages }: Conversation, ours: boolean, name: string): WireMessage[] =>
  messages.filter((message) => message.ours === ours && message.name === name);

/** The kinds of messages that one side sent, in the order of their first appearance. How often each is sent depends on chance. */
const kinds = ({ messages }: Conversation, ours = true): string[] => [
  ...new Set(messages.filter((message) => message.ours === ours).map(({ name }) => name)),
];

/** The longest of the conversations with a peer: if both have dialled each other, the other connection is closed at once. */
function longest(conversations: readonly Conversation[], peer: string): Conversation {
  const [first] = conversations
    .filter((one) => one.peer === peer)
    .toSorted((a, b) => b.messages.length - a.messages.length);
  if (first === undefined) throw new Error(`nothing was said to ${peer}`);
  return first;
}

/** The messages without our blocks of pieces that a choked peer may request all the same (BEP 6, "allowed fast"). */
function withoutGranted(conversation: Conversation): Conversation {
  const granted = new Set<number>();
  let choking = true;
  const messages = conversation.messages.filter(({ ours, name, payload }) => {
    if (!ours) return true;
    if (name === 'allowed-fast') granted.add(payload.readUInt32BE(0));
    if (name === 'choke' || name === 'unchoke') choking = name === 'choke';
    return !(choking && name === 'piece' && granted.has(payload.readUInt32BE(0)));
  });
  return { ...conversation, messages };
}

/** Our `interested` messages that we sent although the peer had nothing that we lacked. */
function groundless({ messages }: Conversation): WireMessage[] {
  const theirs = new Set<number>();
  const ours = new Set<number>();
  const all = Array.from({ length: PIECES }, (_, p) => p);
  return messages.filter(({ ours: fromUs, name, payload }) => {
    const pieces = fromUs ? ours : theirs;
    if (name === 'have') pieces.add(payload.readUInt32BE(0));
    if (name === 'have-all') for (const p of all) pieces.add(p);
    if (name === 'bitfield') for (const p of all) if (((payload[p >> 3] ?? 0) >> (7 - (p & 7))) & 1) pieces.add(p);
    return fromUs && name === 'interested' && ![...theirs].some((p) => !ours.has(p));
  });
}

/** The largest number of our requests that were unanswered at the same time. */
function mostOutstanding({ messages }: Conversation): number {
  const open = new Set<string>();
  let most = 0;
  for (const { ours, name, payload } of messages) {
    const key = payload.toString('hex', 0, 8);
    if (ours && name === 'request') open.add(key);
    if ((ours && name === 'cancel') || (!ours && (name === 'piece' || name === 'reject'))) open.delete(key);
    most = Math.max(most, open.size);
  }
  return most;
}

/** Our chokes and unchokes without a cause: no peer has come, left or changed its interest, and no 10 s round was due. A busy machine is late by up to `LATE`. */
function unrulyChoking(conversations: readonly Conversation[]): string[] {
  const causes = conversations.flatMap(({ opened, messages }) => [
    opened,
    ...messages.slice(-1).map(({ time }) => time),
    ...messages.filter(({ name, ours }) => !ours && /interested/.test(name)).map(({ time }) => time),
  ]);
  const changes = conversations
    .flatMap(({ messages }) => messages.filter(({ name, ours }) => ours && /choke/.test(name)))
    .filter(({ time }) => !causes.some((cause) => time >= cause - 0.01 && time - cause < LATE));
  const [first] = changes;
  const phase = (time: number): number => (time - (first?.time ?? 0)) % 10;
  return changes
    .filter(({ time }) => phase(time) > LATE && phase(time) < 10 - LATE)
    .map(({ name, time }) => `${name} ${time}`);
}

// A1: with one identity it is an ordinary client. What an ordinary client does is shown by a libtorrent leecher in the same swarm.
interop('one identity on the wire', ['libtorrent', 'opentracker', 'tcpdump'], true, () => {
  it('behaves as an ordinary client does, and seeds when told to', () =>
    withScene({ payload: { 'plain.bin': LENGTH }, tracker: 'http' }, async ({ lab, torrent, folder, infoHash }) => {
      const options = { torrent, settings: { allow_multiple_connections_per_ip: true } };
      const slow = { ...options, folder, uploadLimit: MIB / 2 };
      const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), ...slow });
      await seed.untilAnnounced();
      const capture = await Capture.start(lab);
      const [ours = ''] = ourAddresses(1);
      const [out, beside, later] = await Promise.all(['out', 'beside', 'later'].map((name) => lab.makeFolder(name)));
      // All links are slow, so that each peer gets something from each other before it has everything.
      const shy = { ...options, uploadLimit: MIB / 4 };
      const other = new Libtorrent(lab, { role: 'leech', address: leechAddress(0), ...shy, folder: beside ?? '' });
      await other.child.until(
        () => other.status?.seen.some(({ host }) => host === seedAddress()) ?? false,
        'the seed',
        20,
      );
      // In plain text, so that the capture can be read.
      const args = ['--bind', ours, '--encryption', 'off', '--seed', 'forever'];
      const get = new Ensemble(lab, ['get', torrent, '-o', out ?? '', ...args]);
      await get.child.until(() => get.last('assembled') !== undefined, 'the assembled file', 40);
      await other.untilSeeding(40);
      await seed.child.stop();
      const last = new Libtorrent(lab, { role: 'leech', address: leechAddress(1), ...options, folder: later ?? '' });
      await last.untilSeeding(40);
      get.child.signal('SIGINT');
      expect(await get.exit(8)).toMatchObject({ code: 5 });
      await lab.run(['true'], 5);
      const packets = await capture.stop();
      await lab.clear();
      for (const one of [out, beside, later]) expect(await treeOf(one ?? '')).toEqual(await treeOf(folder));

      // Handshakes.
      const talks = conversationsOf(packets, ours);
      expect(talks.map(({ peer }) => peer).sort()).toEqual(
        expect.arrayContaining([seedAddress(), leechAddress(0), leechAddress(1)]),
      );
      const ids = new Set(talks.map(({ ours: { peerId } }) => peerId));
      expect([...ids]).toEqual([expect.stringMatching(/^-EN[0-9A-Z]{4}-[ -~]{12}$/)]);
      // If there are two connections with a peer, one is refused before any message.
      for (const talk of talks.filter(({ messages }) => messages.length > 0)) {
        expect(talk.ours.infoHash).toBe(infoHash);
        expect(announced(talk.ours.reserved)).toEqual(expect.arrayContaining(['extension protocol', 'fast extension']));
        expect(announced(talk.ours.reserved).filter((name) => !Object.keys(RESERVED).includes(name))).toEqual([]);
        const [greeting, ...more] = named(talk, true, 'extended').filter(({ payload }) => payload[0] === 0);
        // At most once more, when it wants nothing any longer (BEP 21).
        expect(more.map(({ payload }) => Number(flat(payload.subarray(1))['upload_only']))).toEqual(
          more.length > 0 ? [1] : [],
        );
        const fields = flat(greeting?.payload.subarray(1) ?? Buffer.alloc(0));
        expect(Object.keys(fields)).toEqual(expect.arrayContaining(['m', 'metadata_size', 'p', 'reqq', 'v', 'yourip']));
        expect(Buffer.from(fields['v'] as Uint8Array).toString()).toMatch(/^Ensemble \d/);
        expect([...(fields['yourip'] as Uint8Array)].join('.')).toBe(talk.peer);
      }

      // Announces: the same as libtorrent's, except that ours left the swarm and libtorrent did not.
      const announces = announcesOf(packets, ours);
      expect(announces.map((query) => query.get('event'))).toEqual(['started', 'completed', 'stopped']);
      const theirs = announcesOf(packets, leechAddress(0));
      expect(theirs.map((query) => query.get('event')).slice(0, 2)).toEqual(['started', 'completed']);
      expect(announces.map((query) => Number(query.get('left')))).toEqual([LENGTH, 0, 0]);
      for (const query of announces) {
        expect([...query.keys()]).toEqual(expect.arrayContaining(['info_hash', 'peer_id', 'port', 'key', 'compact']));
        expect(query.get('compact')).toBe('1');
        expect(query.get('peer_id')).toBe([...ids][0]);
        expect(query.get('key')).toBe(announces[0]?.get('key'));
      }
      expect(Number(announces[0]?.get('numwant'))).toBeGreaterThan(0);
      expect(Number(announces[2]?.get('numwant'))).toBe(0);
      expect(Number(announces[1]?.get('downloaded'))).toBeGreaterThanOrEqual(LENGTH);

      // Interest, requests, choking.
      expect(talks.flatMap(groundless)).toEqual([]);
      const requests = talks.flatMap((talk) => named(talk, true, 'request'));
      const lengths = requests.map(({ payload }) => [
        payload.readUInt32BE(0),
        payload.readUInt32BE(4),
        payload.readUInt32BE(8),
      ]);
      expect(requests.length).toBeGreaterThanOrEqual(Math.ceil(LENGTH / BLOCK));
      for (const [piece = 0, begin = 0, length = 0] of lengths) {
        expect(begin % BLOCK).toBe(0);
        expect(length).toBe(Math.min(BLOCK, LENGTH - piece * PIECE - begin));
      }
      for (const talk of talks) {
        const [greeting] = named(talk, false, 'extended').filter(({ payload }) => payload[0] === 0);
        const reqq = greeting === undefined ? 250 : Number(flat(greeting.payload.subarray(1))['reqq'] ?? 250);
        expect(mostOutstanding(talk)).toBeLessThanOrEqual(reqq);
      }
      expect(unrulyChoking(talks)).toEqual([]);

      // The same kinds of messages in the same order as libtorrent's, towards the same seed.
      const toSeed = longest(talks, seedAddress());
      const libtorrents = longest(conversationsOf(packets, leechAddress(0)), seedAddress());
      const common = ['have-none', 'interested', 'request', 'have'];
      expect(kinds(toSeed).filter((kind) => common.includes(kind))).toEqual(common);
      expect(kinds(libtorrents).filter((kind) => common.includes(kind))).toEqual(common);
      const usual = [...common, 'extended', 'cancel', 'not-interested', 'choke', 'unchoke', 'allowed-fast', 'port'];
      expect(kinds(toSeed).filter((kind) => !usual.includes(kind))).toEqual([]);
      // As a seed: it has everything, unchokes, and answers each request with its block; allowed fast pieces also before the unchoke.
      const toLast = longest(talks, leechAddress(1));
      expect(kinds(withoutGranted(toLast)).filter((kind) => ['have-all', 'unchoke', 'piece'].includes(kind))).toEqual([
        'have-all',
        'unchoke',
        'piece',
      ]);
      expect(named(toLast, true, 'piece').reduce((sum, { payload }) => sum + payload.length - 8, 0)).toBeGreaterThan(0);
    }));
});
