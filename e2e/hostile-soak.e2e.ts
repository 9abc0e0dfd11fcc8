import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { figure } from '../core/sim/acceptance.ts';
import { address, Lab } from './support/lab.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { startOwnSeed } from './support/own-seed.ts';
import { seedAddress } from './support/scene.ts';

const KIB = 1024;
const MIB = KIB * KIB;
/** How long it runs: ten minutes in the long form. */
const SECONDS = process.env['ENSEMBLE_ACCEPTANCE'] === '1' ? 600 : 20;
const STORM = new URL('support/peer-storm.mjs', import.meta.url).pathname;

/** All descendants of a process. */
function family(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])] as const];
      } catch {
        return [];
      }
    });
  const out = [pid];
  for (const one of out) for (const [child, parent] of parents) if (parent === one) out.push(child);
  return out;
}

function levelOf(pids: readonly number[]): { kilobytes: number; files: number } {
  let kilobytes = 0;
  let files = 0;
  for (const pid of pids) {
    kilobytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    files += readdirSync(`/proc/${pid}/fd`).length;
  }
  return { kilobytes, files };
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;

interop('a storm of peers on real sockets', [], true, () => {
  it(
    `100 at a time for ${SECONDS} s: memory and sockets stay level, and nothing is left after the stop`,
    async (test) => {
      const lab = await Lab.open();
      try {
        const { file, seed } = await startOwnSeed(lab, {
          files: { 'big.bin': 40 * MIB },
          pieceLength: '64K',
          args: ['--up', '8M'],
        });
        const show = new Ensemble(lab, ['show', file]);
        await show.exit(20);
        await seed.child.until(() => seed.events.length > 1, 'the seed', 30);
        const from = Array.from({ length: 25 }, (_, i) => address(15 + i));
        const infoHash = String(show.events[0]?.['infoHash']);
        let said = { connections: 0, bytes: 0 };
        lab.start('storm', [process.execPath, STORM, seedAddress(), '6881', infoHash, '100', ...from], {
          onLine: (line) => (said = JSON.parse(line) as typeof said),
          keep: () => false,
        });
        const levels: { kilobytes: number; files: number }[] = [];
        const warm = Math.max(5, Math.ceil(SECONDS / 10));
        for (let tries = 0; said.connections < 100; tries++) {
          if (tries > 60) throw new Error(`only ${said.connections} connections`);
          await sleep(1000);
        }
        for (let second = 0; second < SECONDS; second++) {
          await sleep(1000);
          levels.push(levelOf(family(seed.child.pid)));
        }
        await lab.run(['sh', '-c', 'true'], 5);
        const first = levels.slice(warm, 2 * warm);
        const last = levels.slice(-warm);
        const of = (key: 'kilobytes' | 'files', part: typeof levels): number => median(part.map((level) => level[key]));
        figure(
          test,
          `${SECONDS} s: ${said.connections} connections, ${Math.round(said.bytes / MIB)} MiB; ` +
            `memory ${of('kilobytes', first)} -> ${of('kilobytes', last)} KiB, files ${of('files', first)} -> ${of('files', last)}`,
        );
        expect(said.connections).toBeGreaterThan(SECONDS);
        expect(said.bytes).toBeGreaterThan(MIB);
        expect(of('kilobytes', last)).toBeLessThan((SECONDS >= 600 ? 1.1 : 1.5) * of('kilobytes', first));
        // 80 peers, and 64 connections whose handshake is not complete.
        expect(Math.max(...levels.map(({ files }) => files))).toBeLessThan(250);
        const all = family(seed.child.pid);
        seed.child.signal('SIGINT');
        expect(await seed.exit(10)).toEqual({ code: 5, signal: null });
        for (const pid of all) expect(() => process.kill(pid, 0), `process ${pid}`).toThrow();
      } finally {
        await lab.close();
      }
    },
    (SECONDS + 120) * 1000,
  );
});
