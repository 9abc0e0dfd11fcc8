import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { type IdentityIndex, identityIndex, type InfoHash, millis, type PeerId, piece } from '../core/base/ids.ts';
import { parseStoreUrl } from '../core/base/store-place.ts';
import { BucketStore } from '../core/claims/bucket-store.ts';
import { NodeClock } from '../core/node/clock.ts';
import { natsServer } from '../core/node/nats-buckets.ts';
import { NodeRandom } from '../core/node/random.ts';
import { LONG } from './support/chance.ts';
import { startNats } from './support/nats-server.ts';
import { interop } from './support/requirements.ts';

const PIECES = 200_000;
const HASH = 'ab'.repeat(20) as InfoHash;
/** As many as a machine claims at a time when it is fast. */
const BATCH = 64;

/** A nats-server on this machine. */
async function withServer(play: (url: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-nats-'));
  const server = await startNats(folder);
  try {
    await play(`nats://127.0.0.1:${server.port}/film`);
  } finally {
    server.process.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

function storeOf(url: string, identity: IdentityIndex): BucketStore {
  return new BucketStore({
    ports: { clock: new NodeClock(), random: new NodeRandom() },
    server: natsServer(parseStoreUrl(url), {}),
    group: 'ensemble-film',
    pieceCount: PIECES,
    identity,
    seat: `seat-${identity}`,
    rules: { infoHash: HASH, count: 3, selection: 'rarest', lease: millis(45_000) },
    onTrouble: (text) => console.log(text),
  });
}

const member = (index: IdentityIndex) => ({
  index,
  peerId: 'cd'.repeat(20) as PeerId,
  endpoint: { host: '10.0.0.1', port: 7000 },
  machine: `m${index}`,
  heartbeat: 1,
});

interop('a torrent of many pieces at a NATS server', ['nats'], false, () => {
  it.runIf(LONG)(
    'who joins knows all that the others have and claim',
    () =>
      withServer(async (url) => {
        const one = storeOf(url, identityIndex(0));
        await one.join(() => undefined, []);
        await one.beat(member(identityIndex(0)));
        let granted = 0;
        let messages = 0;
        for (let first = 0; first < PIECES; first += BATCH) {
          // Rarest first takes them from anywhere.
          const wishes = Array.from({ length: Math.min(BATCH, PIECES - first) }, (_, i) => ({
            piece: piece(((first + i) * 7919) % PIECES),
            after: undefined,
          }));
          await one.claim(wishes, (_, turn) => (granted += turn === undefined ? 0 : 1));
          await one.record(wishes.map((wish) => wish.piece));
          messages += 2;
        }
        expect(granted).toBe(PIECES);
        // It is forgotten after half a minute.
        await one.beat(member(identityIndex(0)));
        const began = performance.now();
        const two = storeOf(url, identityIndex(1));
        await two.join(() => undefined, []);
        await two.beat(member(identityIndex(1)));
        const { claims, members } = await two.watch();
        const news = await two.journal();
        const seconds = (performance.now() - began) / 1000;
        expect([claims.size, news.length, members.length]).toEqual([PIECES, PIECES, 2]);
        console.log(
          `${PIECES} pieces: joined in ${seconds.toFixed(2)} s, ${(messages / PIECES).toFixed(3)} calls a piece`,
        );
        await two.leave();
        await one.leave();
      }),
    300_000,
  );
});
