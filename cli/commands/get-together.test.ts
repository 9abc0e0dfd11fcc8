import { expect, test } from 'vitest';
import type { MeetingSnapshot } from '../../core/engine/engine.ts';
import { snapshotOf } from '../../core/engine/testing/still-download.ts';
import type { LoneOptions } from '../../core/lone/identity.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const MET: MeetingSnapshot = { state: 'met', place: 1, waits: false, needed: false, done: false };

/** `get` with other machines, to which nothing comes; how it stands with these. */
function stuck() {
  const world = { meeting: MET };
  const bench: CliBench = new CliBench({
    runLoneIdentity: ({ options, onProgress, signal }: LoneOptions) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        bench.clock.every(200 as never, () => {
          const { meeting } = world;
          onProgress(snapshotOf(options, { state: 'downloading', meeting }), () => undefined);
        });
      }),
  });
  const start = (): Promise<number> => bench.start('get magnet:?x --common nats://server/film --stall-timeout 60');
  return { bench, world, start };
}

test.each<[string, Partial<MeetingSnapshot>]>([
  ['the server is away', { state: 'trouble', trouble: 'away' }],
  ['what is missing is with others', { waits: true }],
  ['it only stays for others', { done: true, needed: true }],
])('while %s it is not stalled, and afterwards as long as ever', async (_, change) => {
  const { bench, world, start } = stuck();
  const code = start();
  await bench.clock.advance(50_000);
  world.meeting = { ...MET, ...change };
  await bench.clock.advance(600_000);
  world.meeting = MET;
  await bench.clock.advance(50_000);
  expect(bench.err).not.toContain('Nothing came');
  await bench.clock.advance(11_000);
  expect(await bench.clock.resolve(code)).toBe(EXIT.timedOut);
  expect(bench.err).toContain('Nothing came for 60 s');
});
