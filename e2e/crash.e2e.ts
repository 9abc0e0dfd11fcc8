import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { InfoHash } from '../core/base/ids.ts';
import { NodeDisk } from '../core/node/disk.ts';
import { loadState } from '../core/store/records/state.ts';
import { figure } from '../core/sim/acceptance.ts';
import { chanceOf, LONG } from './support/chance.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { kill, processesBelow, untilEnded } from './support/processes.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, withScene } from './support/scene.ts';
import type { Scene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const PIECE = 64 * KIB;
const COUNT = 3;
const LAYOUTS = ['in-place', 'parts', 'pieces'] as const;
const TARGETS = ['coordinator', 'identity', 'both'] as const;
const KILLS = LONG ? 20 : 2;

type Layout = (typeof LAYOUTS)[number];
type Target = (typeof TARGETS)[number];

const total = (payload: Readonly<Record<string, number>>): number =>
  Object.values(payload).reduce((sum, length) => sum + length, 0);

function argsOf({ lab, torrent }: Scene, layout: Layout, select: string, log: string): string[] {
  const out = ['-o', lab.path('out'), '--log', lab.path(log), '--timeout', '60'];
  return ['get', torrent, ...out, '-n', String(COUNT), '--layout', layout, '--select', select].concat([
    '--bind',
    ourAddresses(COUNT).join(','),
  ]);
}

/** The pieces that are complete according to the log. */
async function logged(scene: Scene, log: string): Promise<number[]> {
  const text = await readFile(scene.lab.path(log), 'utf8').catch(() => '');
  const whole = text.split('\n').slice(0, -1);
  const lines = whole.map((line) => JSON.parse(line) as { readonly event: string; readonly piece: number });
  return lines.filter(({ event }) => event === 'piece').map(({ piece }) => piece);
}

/** The pieces that are there according to the records in the working folder; undefined without a working folder. */
async function recorded(scene: Scene, pieceCount: number): Promise<Set<number> | undefined> {
  const out = scene.lab.path('out');
  const name = (await readdir(out)).find((entry) => entry.endsWith('.ensemble'));
  if (name === undefined) return undefined;
  const at = { workFolder: `${out}/${name}`, infoHash: scene.infoHash as InfoHash, pieceCount };
  return new Set((await loadState(new NodeDisk(), at)).have.indexes());
}

const sizeOf = (piece: number, length: number): number => Math.min(PIECE, length - piece * PIECE);

async function killed(first: Ensemble, target: Target, random: () => number): Promise<void> {
  const identities = processesBelow(first.child.pid).filter(({ kind }) => kind === 'identity');
  expect(identities).toHaveLength(COUNT);
  const victim = identities[Math.floor(COUNT * random())];
  if (target !== 'identity') kill(first.child.pid);
  if (target !== 'coordinator' && victim !== undefined) kill(victim.pid);
  if (target === 'identity') return;
  await first.exit(5);
  // Half of the runs start again at once, while orphaned identities are still ending; the others when these have ended.
  if (random() < 0.5) return;
  const pids = identities.map(({ pid }) => pid);
  expect(await untilEnded(pids, 6), 'live on without their coordinator').toEqual([]);
}

const moments = LAYOUTS.flatMap((layout, l) =>
  Array.from({ length: KILLS }, (_, i) => [layout, TARGETS[(l + i) % TARGETS.length] ?? 'both', i] as const),
);

interop('SIGKILL', ['libtorrent', 'opentracker'], true, () => {
  // All at the same time, as each spends most of its time waiting for slow seeds.
  describe.concurrent('amid a download', () => {
    it.for(moments)('%s: of the %s, moment %i', async ([layout, target, i], test) => {
      const random = chanceOf(100 * LAYOUTS.indexOf(layout) + i);
      const payload = { 'crash/a.bin': 2 * MIB + 12_345, 'crash/b.bin': 1, 'crash/c/d.bin': MIB + 77 };
      const length = total(payload);
      const pieceCount = Math.ceil(length / PIECE);
      await withScene({ payload, tracker: 'http' }, async (scene) => {
        const { lab, torrent, folder } = scene;
        const options = { role: 'seed', torrent, folder, uploadLimit: MIB } as const;
        const seed = new Libtorrent(lab, { ...options, address: seedAddress() });
        await seed.untilAnnounced();
        await lab.makeFolder('out');
        const select = i % 3 === 2 ? 'fixed' : 'rarest';
        const first = new Ensemble(lab, argsOf(scene, layout, select, 'first.log'));
        const have = async (): Promise<number> => (await recorded(scene, pieceCount).catch(() => undefined))?.size ?? 0;
        // Some pieces are there, and some are to come.
        const moment = 2 + Math.floor(28 * random());
        for (let tries = 0; (await have()) < moment; tries++) {
          if (tries > 600) throw new Error(`no ${moment} pieces after a long time\n${first.child.output}`);
          await sleep(50);
        }
        expect(first.child.ended, first.child.output).toBe(false);
        await killed(first, target, random);
        if (target === 'identity') {
          // The coordinator starts the identity again, in the same run.
          const done = await first.done(65);
          expect(done).toMatchObject({ hashFailures: 0, duplicatePieces: 0 });
        } else {
          const before = (await recorded(scene, pieceCount)) ?? new Set();
          // No piece that was reported is lost.
          const told = await logged(scene, 'first.log');
          expect(told.filter((piece) => !before.has(piece))).toEqual([]);
          const done = await new Ensemble(lab, argsOf(scene, layout, select, 'second.log')).done(65);
          expect(done.hashFailures).toBe(0);
          const again = (await logged(scene, 'second.log')).filter((piece) => before.has(piece));
          expect(again, 'pieces fetched though they were recorded').toEqual([]);
          figure(
            test,
            `${layout}, pieces kept over a kill of ${target === 'both' ? 'coordinator and identity' : target}`,
            before.size,
          );
          const there = [...before].reduce((sum, piece) => sum + sizeOf(piece, length), 0);
          expect(done.downloaded - done.wasted).toBeLessThanOrEqual(length - there);
        }
        expect(await treeOf(lab.path('out'))).toEqual(await treeOf(folder));
      });
    });
  });

  describe('of workers', () => {
    // With `parts` there is a recheck and an assembly to do.
    const layouts = LONG ? LAYOUTS : (['parts'] as const);
    const rounds = layouts.flatMap((layout) => Array.from({ length: LONG ? 4 : 1 }, (_, i) => [layout, i] as const));
    it.each(rounds)(
      '%s: during recheck and assembly, together with the coordinator and alone, %i',
      async (layout, i) => {
        const random = chanceOf(1000 + 100 * LAYOUTS.indexOf(layout) + i);
        const payload = { 'big/a.bin': 10 * MIB + 12_345, 'big/b.bin': 2 * MIB };
        const pieceCount = Math.ceil(total(payload) / PIECE);
        await withScene({ payload, tracker: 'http' }, async (scene) => {
          const { lab, torrent, folder } = scene;
          const seed = new Libtorrent(lab, {
            role: 'seed',
            address: seedAddress(),
            torrent,
            folder,
            uploadLimit: 6 * MIB,
          });
          await seed.untilAnnounced();
          await lab.makeFolder('out');
          // The first run is killed during the download, so that the next one has pieces to read again. Each further run is
          // killed once it has a worker (for the recheck, later for the assembly), each time a little later, until one of
          // them gets to the end.
          let kills = 0;
          let exit: number | null = null;
          for (let run = 0; exit !== 0; run++) {
            if (run > 8) throw new Error(`not through after ${run} runs`);
            const ensemble = new Ensemble(lab, argsOf(scene, layout, 'rarest', `run-${run}.log`));
            const { child } = ensemble;
            if (run === 0) {
              while (!child.ended && ((await recorded(scene, pieceCount).catch(() => undefined))?.size ?? 0) < 40)
                await sleep(5);
              for (const { pid } of processesBelow(child.pid)) kill(pid);
              kill(child.pid);
            } else if (run < 4) {
              const worker = await workerOf(ensemble);
              await sleep(40 * random());
              if (worker !== undefined) {
                kills++;
                if (run % 2 === 1) kill(child.pid);
                kill(worker);
              }
            }
            exit = (await ensemble.exit(30)).code;
            // If only the worker dies, the download fails, and the next run completes it.
            if (exit !== null && exit !== 0) expect(ensemble.last('error'), child.output).toBeDefined();
          }
          expect(kills).toBeGreaterThanOrEqual(1);
          expect(await treeOf(lab.path('out'))).toEqual(await treeOf(folder));
        });
      },
    );
  });
});

/** The process id of its first worker; undefined if it ends without having had one. */
async function workerOf(ensemble: Ensemble): Promise<number | undefined> {
  for (let tries = 0; tries < 12_000 && !ensemble.child.ended; tries++) {
    const worker = processesBelow(ensemble.child.pid).find(({ kind }) => kind === 'worker');
    if (worker !== undefined) return worker.pid;
    await sleep(5);
  }
  return undefined;
}
