import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { millis, type PeerId, torrentKey } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { hashesOf, torrentId } from '../metainfo/torrent-id.ts';
import { infoHashOf } from '../metainfo/parse-info.ts';
import { SimClient } from '../sim/client.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';
import { encodeExtended } from '../wire/encode.ts';
import { encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { encodeMetadataData, encodeMetadataReject } from '../wire/metadata-message.ts';

const PIECE = 16_384;
/** Under which number we take requests. */
const ID = 7;

function world(): SimSwarm {
  return new SimSwarm(5, { files: 3_000 * 20_000, pieceLength: 20_480 });
}

/** A client that has nothing but the info-hash. */
function seeker(swarm: SimSwarm, peers: readonly WirePeer[], infoHash = swarm.torrent.info.infoHash): SimClient {
  const address = '10.9.0.1';
  const host = swarm.net.host(address, { latency: 10 });
  const { clock, random, torrent } = swarm;
  const client = new SimClient({ clock, random, host, address, http: swarm.tracker.http(address) });
  client.addMagnet({ ...torrent, info: { ...torrent.info, infoHash, id: torrentId(hashesOf(infoHash)) } });
  client.introduce(
    torrentKey(infoHash),
    peers.map(({ endpoint }) => endpoint),
  );
  return client;
}

/** Answers requests for metadata with what `piece` gives. */
function source(size: number, piece: (index: number) => Uint8Array | undefined): Partial<WirePeerOptions> {
  return {
    greet: (it) =>
      it.raw(
        encodeExtended(0, encodeExtensionHandshake({ messages: new Map([['ut_metadata', ID]]), metadataSize: size })),
      ),
    extended: (it, id, payload) => {
      const index = /5:piecei(\d+)e/.exec(new TextDecoder().decode(payload))?.[1];
      if (id !== ID || index === undefined) return;
      const data = piece(Number(index));
      const answer =
        data === undefined ? encodeMetadataReject(Number(index)) : encodeMetadataData(Number(index), size, data);
      it.raw(encodeExtended(1, answer));
    },
  };
}

describe('metadata from peers (BEP 9)', () => {
  const found = (client: SimClient): Uint8Array | undefined => {
    const message = client.heard.find((one) => one.type === 'metadata');
    return message?.type === 'metadata' ? message.rawInfo : undefined;
  };

  test('an honest peer among those that lie, refuse, stall, or have nothing', async () => {
    const swarm = world();
    const { raw } = swarm.torrent.info;
    expect(raw.length).toBeGreaterThan(3 * PIECE);
    const of = (index: number): Uint8Array => raw.subarray(index * PIECE, (index + 1) * PIECE);
    const scripts: Partial<WirePeerOptions>[] = [
      source(raw.length, (index) => of(index).map((byte) => byte ^ 1)),
      source(raw.length, () => undefined),
      source(10 * 1024 * 1024, () => new Uint8Array(PIECE)),
      source(10 * 1024 * 1024, (index) => (index === 0 ? new Uint8Array(PIECE) : new Uint8Array(3))),
      source(1, () => new Uint8Array(1)),
      { greet: (it) => it.batch.haveAll() },
      { greet: (it) => it.raw(encodeExtended(0, encodeExtensionHandshake({ messages: new Map(), metadataSize: 5 }))) },
      {
        greet: (it) => it.raw(encodeExtended(0, encodeExtensionHandshake({ messages: new Map([['ut_metadata', 0]]) }))),
      },
      {
        // It says that it has it, and never sends a thing.
        greet: (it) =>
          it.raw(
            encodeExtended(
              0,
              encodeExtensionHandshake({ messages: new Map([['ut_metadata', ID]]), metadataSize: 9_000 }),
            ),
          ),
      },
    ];
    const bad = await Promise.all(
      // More than there are places: those that are of no use have to make room.
      [...scripts, ...Array.from({ length: 30 }, () => ({})), ...scripts].map((script, i) =>
        swarm.wirePeer(`10.0.3.${i + 1}`, {}, script).listen(),
      ),
    );
    const good = await swarm.wirePeer('10.0.4.1', { latency: 300 }, source(raw.length, of)).listen();
    const client = seeker(swarm, [...bad, good]);
    // Before silence would have ended the idle ones.
    expect(await swarm.clock.runUntil(() => found(client) !== undefined, 120_000)).toBe(true);
    expect(sameBytes(found(client) ?? new Uint8Array(), raw)).toBe(true);
    expect(client.heard.some((one) => one.type === 'failed')).toBe(false);
    await swarm.clock.resolve(client.stop());
  });

  test('who brings a piece now and then does not keep out who brings them all', async () => {
    const swarm = world();
    const { raw } = swarm.torrent.info;
    const of = (index: number): Uint8Array => raw.subarray(index * PIECE, (index + 1) * PIECE);
    // As large as may be, so that it takes hours, and never so slow that it is given up.
    const size = 10 * 1024 * 1024;
    const drip: Partial<WirePeerOptions> = {
      ...source(size, () => undefined),
      extended: (it, id, payload) => {
        const index = Number(/5:piecei(\d+)e/.exec(new TextDecoder().decode(payload))?.[1]);
        if (id !== ID || Number.isNaN(index)) return;
        const answer = encodeMetadataData(index, size, new Uint8Array(PIECE));
        swarm.clock.after(millis((index + 1) * 15_000), () => it.raw(encodeExtended(1, answer)));
      },
    };
    const slow = await Promise.all(
      Array.from({ length: 12 }, (_, i) => swarm.wirePeer(`10.0.3.${i + 1}`, {}, drip).listen()),
    );
    const client = seeker(swarm, slow);
    await swarm.clock.advance(15_000);
    const good = await swarm.wirePeer('10.0.4.1', { latency: 300 }, source(raw.length, of)).listen();
    client.introduce(torrentKey(swarm.torrent.info.infoHash), [good.endpoint]);
    expect(await swarm.clock.runUntil(() => found(client) !== undefined, 180_000)).toBe(true);
    await swarm.clock.resolve(client.stop());
  });

  test('what has the right hash and is no info dictionary is an error by name, not a search without end', async () => {
    const swarm = world();
    const raw = encode({ name: 'x', 'piece length': 0, pieces: '' });
    const infoHash = infoHashOf(raw);
    const peer = await swarm.wirePeer('10.0.3.1', {}, { ...source(raw.length, () => raw), infoHash }).listen();
    const client = seeker(swarm, [peer], infoHash);
    await swarm.clock.advance(10_000);
    expect(client.heard.find((one) => one.type === 'failed')).toMatchObject({ code: 'invalid-torrent' });
    await swarm.clock.resolve(client.stop());
  });

  test('siblings are not asked, and a pause or a stop leaves no timer', async () => {
    const swarm = world();
    const { raw } = swarm.torrent.info;
    const key = torrentKey(swarm.torrent.info.infoHash);
    const peerId = '11'.repeat(20);
    const sibling = await swarm.wirePeer('10.0.3.1', {}, { ...source(raw.length, () => raw), peerId }).listen();
    const client = seeker(swarm, []);
    client.tell({ type: 'siblings', key, peerIds: [peerId as PeerId], endpoints: [] });
    client.introduce(key, [sibling.endpoint]);
    await swarm.clock.advance(20_000);
    expect(sibling.open).toBeUndefined();
    expect(client.status?.state).toBe('fetching-metadata');
    client.tell({ type: 'announce', key });
    client.tell({ type: 'pause', key });
    await swarm.clock.advance(5_000);
    expect(client.status?.state).toBe('paused');
    client.tell({ type: 'resume', key });
    await swarm.clock.advance(5_000);
    expect(client.status?.state).toBe('fetching-metadata');
    await swarm.clock.resolve(client.stop());
    await swarm.clock.advance(60_000);
    expect(swarm.clock.pending).toBe(0);
  });
});
