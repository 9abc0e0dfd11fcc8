import { describe, expect, test } from 'vitest';
import { piece as pieceIndex, millis, type PeerId } from '../base/ids.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { probeSpeed, type Speed } from './speed-probe.ts';

const FROM = '10.5.0.1';
const SEED = '10.0.0.1';
const peerId = '2d454e303030302d'.padEnd(40, '0') as PeerId;

/** What is measured of a seed with so much upload from a line with so much download (bytes/s), and what became of its connections. */
function world(down: number) {
  const swarm = new SimSwarm(4, { files: 900_000, pieceLength: 32 * 1024 });
  const host = swarm.net.host(FROM, { latency: 10, up: 1e6, down });
  const abort = new AbortController();
  const begin = (): Promise<Speed> => {
    const { clock, torrent } = swarm;
    const remote = { host: SEED, port: 6881 };
    const { signal } = abort;
    return probeSpeed(
      { clock, net: host },
      { remote, from: FROM, info: torrent.info, peerId, time: millis(5000), signal },
    );
  };
  const measure = async (seconds: number): Promise<Speed | 'not yet'> => {
    const speed = begin();
    await swarm.clock.advance(seconds * 1000);
    return Promise.race([speed, Promise.resolve('not yet' as const)]);
  };
  return { swarm, host, abort, begin, measure };
}

describe('the speed of a link', () => {
  test.each([
    ['of the line, where the peer is faster', 1e6, 200_000, 200_000],
    ['of the peer, where the line is faster', 150_000, 1e6, 150_000],
  ])('is that %s, also of a small torrent', async (_, up, down, expected) => {
    const { swarm, host, measure } = world(down);
    swarm.seed(SEED, { up, down: 1e6 }, { port: 6881 });
    await swarm.clock.advance(2000);
    const speed = await measure(30);
    expect(speed).toMatchObject({ kind: 'measured' });
    const rate = speed !== 'not yet' && speed.kind === 'measured' ? speed.rate : 0;
    expect(rate / expected).toBeGreaterThan(0.85);
    expect(rate / expected).toBeLessThan(1.05);
    await swarm.clock.advance(1000);
    expect(host.connections.size).toBe(0);
  });

  test('is not known of a peer that sends nothing, or has nothing, or is not there', async () => {
    const silent = world(1e6);
    await silent.swarm.wirePeer(SEED, { up: 1e6, down: 1e6 }, { fast: false }).listen();
    expect(await silent.measure(20)).toBe('not yet');
    expect(await silent.measure(31)).toMatchObject({ kind: 'failed', why: expect.stringContaining('30 s') as string });
    const gone = world(1e6);
    expect(await gone.measure(60)).toMatchObject({ kind: 'failed' });
    expect(gone.host.connections.size).toBe(0);
  });

  test('is measured of the pieces that the peer has alone, each again and again', async () => {
    const asked = new Set<number>();
    const { swarm, measure } = world(1e6);
    const peer = swarm.wirePeer(
      SEED,
      { up: 1e6, down: 1e6 },
      {
        fast: false,
        greet: (it) => {
          it.batch.have(pieceIndex(3));
          it.batch.have(pieceIndex(7));
          it.batch.unchoke();
        },
        requested: (it, piece, begin, length) => {
          asked.add(piece);
          it.block(piece, begin, swarm.block(piece, begin, length));
        },
      },
    );
    await peer.listen();
    expect(await measure(20)).toMatchObject({ kind: 'measured' });
    expect([...asked].sort((a, b) => a - b)).toEqual([3, 7]);
  });

  test('is given up at once where it is interrupted', async () => {
    const { swarm, host, abort, begin } = world(100_000);
    swarm.seed(SEED, { up: 1e6, down: 1e6 }, { port: 6881 });
    const speed = begin();
    await swarm.clock.advance(3000);
    abort.abort();
    expect(await speed).toMatchObject({ kind: 'failed' });
    await swarm.clock.advance(1000);
    expect(host.connections.size).toBe(0);
  });
});
