import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Capture } from './support/capture.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import { ourAddresses, seedAddress, trackerAddress, withScene } from './support/scene.ts';
import { treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;

interface Progress {
  readonly pieces?: { readonly have: number };
  readonly identities?: readonly { readonly state: string }[];
}

// Invariant 8: an identity bound to an address never sends from another.
interop('an identity whose address goes away', ['libtorrent', 'opentracker', 'tcpdump'], true, () => {
  it.concurrent.each(['http', 'udp'] as const)('waits, sends nothing from another one, and goes on: %s', (tracker) =>
    withScene({ payload: { 'bound.bin': 6 * MIB + 99 }, tracker }, async ({ lab, torrent, folder }) => {
      const options = { role: 'seed', address: seedAddress(), torrent, folder } as const;
      const seed = new Libtorrent(lab, { ...options, uploadLimit: MIB });
      await seed.untilAnnounced();
      const capture = await Capture.start(lab, 128);
      const [ours = ''] = ourAddresses(1);
      const out = await lab.makeFolder('out');
      const get = new Ensemble(lab, ['get', torrent, '-o', out, '--bind', ours, '--timeout', '80']);
      const last = (): Progress => (get.last('progress') ?? {}) as Progress;
      const have = (): number => last().pieces?.have ?? 0;
      const state = (): string | undefined => last().identities?.[0]?.state;
      await get.child.until(() => have() >= 20, 'twenty pieces', 30);

      await lab.run(['ip', 'addr', 'del', `${ours}/32`, 'dev', 'lo'], 5);
      await get.child.until(() => state() === 'no-address', 'the state no-address', 15);
      const before = have();
      // Long enough for every dial and announce that an identity might try.
      await Promise.race([get.child.exit, delay(4000)]);
      expect(get.child.ended).toBe(false);
      expect(state()).toBe('no-address');
      expect(have()).toBeLessThanOrEqual(before + 1);

      await lab.run(['ip', 'addr', 'add', `${ours}/32`, 'dev', 'lo'], 5);
      const done = await get.done(60);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
      expect(done).toMatchObject({ duplicatePieces: 0, hashFailures: 0 });
      const packets = await capture.stop();
      const others = new Set(packets.map(({ from, to, protocol }) => `${protocol} ${from} > ${to}`));
      const known = [ours, seedAddress(), trackerAddress];
      const strange = packets.filter(({ from }) => !known.includes(from));
      expect(packets.filter(({ from }) => from === ours).length, [...others].join('; ')).toBeGreaterThan(100);
      expect(strange.map(({ protocol, from, to }) => `${protocol} ${from} > ${to}`)).toEqual([]);
    }),
  );
});
