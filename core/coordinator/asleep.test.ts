import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import type { LayoutKind } from '../base/choices.ts';
import type { SimMachine } from '../sim/machine.ts';
import { SeededRandom } from '../sim/random.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { takeLock } from '../store/records/lock.ts';

const PIECE = 32 * 1024;
const ADDRESSES = ['10.9.0.1', '10.9.0.2'];
const MINUTE = 60_000;

/** A download that takes some minutes. */
async function begin(layout: LayoutKind): Promise<{ swarm: SimSwarm; ours: SimMachine; folder: string }> {
  const swarm = new SimSwarm(5, { files: 200 * PIECE, pieceLength: PIECE });
  swarm.seed('10.0.0.1', { up: PIECE, down: PIECE });
  const ours = swarm.machine({ addresses: ADDRESSES, down: 16 * PIECE, up: 16 * PIECE });
  await ours.add(swarm.torrent, { identities: 2, bind: ADDRESSES, layout });
  await swarm.clock.advance(20_000);
  const folder = ours.disk.paths().find((path) => path.endsWith('.ensemble/')) ?? '';
  return { swarm, ours, folder };
}

const writes = ({ disk }: SimMachine): number =>
  (disk.counts.get('write') ?? 0) + (disk.counts.get('replaceFile') ?? 0);

const pids = ({ processes }: SimMachine): unknown[] =>
  processes.started.filter((one) => one.running && one.kind === 'identity').map(({ handle }) => handle.pid);

const warnings = ({ events }: SimMachine): unknown[] =>
  events.filter((event) => event.type === 'log' && event.level !== 'info');

test.each([5_000, 20_000, 60_000, 600_000])(
  'the coordinator does not run for %i ms: no identity is held for silent, and it goes on',
  async (span) => {
    const { swarm, ours } = await begin('in-place');
    const before = pids(ours);
    ours.sleepy.sleep();
    await swarm.clock.advance(span);
    ours.sleepy.wake();
    await swarm.clock.advance(3000);
    expect(pids(ours)).toEqual(before);
    const done = await ours.until(swarm.torrent, ['done'], 20 * MINUTE);
    expect(done, done.error?.message).toMatchObject({ state: 'done', hashFailures: 0 });
    expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    expect(warnings(ours)).toEqual([]);
  },
);

describe.each(['in-place', 'parts', 'pieces'] as const)('the coordinator does not run, %s', (layout) => {
  test('for longer than its lock is good for: nothing is written until it has looked', async () => {
    const { swarm, ours } = await begin(layout);
    ours.sleepy.sleep();
    await swarm.clock.advance(61_000);
    const asleep = writes(ours);
    await swarm.clock.advance(MINUTE);
    expect(writes(ours)).toBe(asleep);
    ours.sleepy.wake();
    await swarm.clock.advance(5000);
    expect(writes(ours)).toBeGreaterThan(asleep);
  });

  test('and another machine takes the folder meanwhile: nothing of ours is written there any more', async () => {
    const { swarm, ours, folder } = await begin(layout);
    ours.sleepy.sleep();
    await swarm.clock.advance(2 * MINUTE);
    const { disk } = ours;
    const lock = await takeLock(
      {
        disk,
        clock: swarm.clock,
        random: new SeededRandom(99),
        processFacts: {
          self: () => Promise.resolve({ pid: 7, startTime: '7', bootId: 'other', host: 'other' }),
          startTimeOf: () => Promise.resolve(undefined),
        },
      },
      `${folder}lock`,
    );
    const content = (): unknown[] =>
      disk
        .paths()
        .filter((path) => path.startsWith(folder) && !path.includes('lock'))
        .map((path) => [path, crc32(disk.content(path) ?? new Uint8Array(0))]);
    const before = content();
    ours.sleepy.wake();
    await swarm.clock.advance(30_000);
    expect(ours.snapshot(swarm.torrent)).toMatchObject({ state: 'failed', error: { code: 'in-use' } });
    expect(content()).toEqual(before);
    await swarm.clock.resolve(ours.coordinator.close());
    expect(content()).toEqual(before);
    expect(await lock.renew()).toBe(true);
  });
});
