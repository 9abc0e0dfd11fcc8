import { open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Capture } from './support/capture.ts';
import { Libtorrent } from '../core/lab/real/libtorrent.ts';
import { conversationsOf } from './support/conversation.ts';
import type { WireMessage } from './support/conversation.ts';
import { Ensemble } from './support/ensemble.ts';
import { interop } from './support/requirements.ts';
import type { Scene } from './support/scene.ts';
import { ourAddresses, seedAddress, withScene } from './support/scene.ts';
import type { Payload } from './support/trees.ts';
import { PAYLOADS, treeOf } from './support/trees.ts';

const MIB = 1024 * 1024;
const PIECE = 64 * 1024;
const MULTI = Object.values<number>(PAYLOADS.multi).reduce((sum, length) => sum + length, 0);

interface Stage extends Scene {
  readonly out: string;
  readonly seed: Libtorrent;
  /** Runs `ensemble get` into `out` with these options. */
  get(...more: string[]): Ensemble;
}

/** A scene with a seed, and a folder to download into. */
function staged(
  play: (stage: Stage) => Promise<void>,
  payload: Payload = PAYLOADS.multi,
  rate = 8 * MIB,
): Promise<void> {
  return withScene({ payload, tracker: 'http' }, async (scene) => {
    const { lab, torrent, folder } = scene;
    const seed = new Libtorrent(lab, { role: 'seed', address: seedAddress(), torrent, folder, uploadLimit: rate });
    await seed.untilAnnounced();
    const out = await lab.makeFolder('out');
    const bind = ['--bind', ourAddresses(2).join(',')];
    await play({
      ...scene,
      out,
      seed,
      get: (...more) => new Ensemble(lab, ['get', torrent, '-o', out, ...bind, ...more]),
    });
  });
}

/** The conversation from the first unchoke on; before it we may request only allowed fast pieces (BEP 6), which are random. */
function afterUnchoke(messages: readonly WireMessage[]): readonly WireMessage[] {
  const at = messages.findIndex(({ ours, name }) => !ours && name === 'unchoke');
  return at < 0 ? [] : messages.slice(at);
}

interop('the same command again', ['libtorrent', 'opentracker'], true, () => {
  describe.concurrent('', () => {
    it('is done at once where everything is there', () =>
      staged(async ({ folder, out, seed, get }) => {
        await get('-n', '2').done(40);
        await seed.child.stop();
        const again = await get('-n', '2').done(10);
        expect(again.downloaded).toBe(0);
        expect(again.files).toHaveLength(6);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
      }));

    it('refuses a different file in the way before it downloads; with --reuse it keeps what is right in it', () =>
      staged(async ({ folder, out, seed, get }) => {
        await get().done(40);
        const first = `${out}/multi/first.bin`;
        const wrong = await readFile(first);
        wrong.fill(7, 3 * PIECE, 3 * PIECE + 10);
        await writeFile(first, wrong);
        const refused = get();
        // Its length is right, so that only its content shows that it is wrong.
        expect(await refused.exit(20)).toMatchObject({ code: 4 });
        expect(refused.last('error')).toMatchObject({ code: 'exists' });
        await writeFile(first, wrong.subarray(0, -1));
        expect(await get().exit(10)).toMatchObject({ code: 4 });
        expect(await readFile(first)).toEqual(wrong.subarray(0, -1));
        const before = seed.status?.uploaded ?? 0;
        const done = await get('--reuse').done(30);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
        // The piece that is wrong, and the piece with the missing byte.
        expect(done.downloaded).toBeLessThanOrEqual(3 * PIECE);
        expect(before).toBeGreaterThan(0);
      }));

    it('fetches only some files, then the others', () =>
      staged(async ({ folder, out, get }) => {
        const done = await get('-n', '2', '--only', 'sub/**', '--only', 'empty.txt').done(40);
        const whole = await treeOf(folder);
        const some = whole.filter((row) => /^multi\/(sub\/|empty)/.test(row));
        expect(await treeOf(out)).toEqual(some);
        expect(done.downloaded).toBeLessThan(MULTI / 2);
        await get('-n', '2', '--reuse').done(40);
        expect(await treeOf(out)).toEqual(whole);
      }));

    it('stops before assembly; assemble does the rest', () =>
      staged(async ({ lab, torrent, folder, out, get }) => {
        await get('-n', '2', '--layout', 'parts', '--no-assemble').done(40);
        expect((await readdir(out)).filter((name) => !name.startsWith('.'))).toEqual([]);
        const result = await lab.makeFolder('result');
        const joined = new Ensemble(lab, ['assemble', torrent, out, '-o', result]);
        expect(await joined.exit(20), joined.child.output).toMatchObject({ code: 0 });
        expect(await treeOf(result)).toEqual(await treeOf(folder));
      }));

    it('gives up after --timeout, and goes on from there', () =>
      staged(
        async ({ folder, out, get }) => {
          const late = get('--timeout', '3');
          expect(await late.exit(12)).toMatchObject({ code: 6 });
          const kept = late.have;
          const done = await get().done(60);
          // In whole pieces: the last one, which is shorter, may be among those that were kept.
          expect(done.downloaded - done.wasted).toBeLessThanOrEqual((Math.ceil(MULTI / PIECE) - kept) * PIECE);
          expect(await treeOf(out)).toEqual(await treeOf(folder));
        },
        PAYLOADS.multi,
        MIB / 2,
      ));

    it('fetches again what another program spoils between two runs, and says so', () =>
      staged(
        async ({ folder, out, get }) => {
          // Slowly, so that it is still under way when it is stopped.
          const first = get('--down', String(MIB / 4));
          // At most 25 pieces lie outside of the file.
          await first.child.until(() => first.have >= 26, 'pieces of the file', 40);
          first.child.signal('SIGINT');
          expect(await first.exit(10)).toMatchObject({ code: 5 });
          const work = (await readdir(out)).find((name) => name.endsWith('.ensemble'));
          const path = `${out}/${work}/files/multi/first.bin`;
          const [content, before] = [await readFile(path), await stat(path)];
          const at = content.findIndex((byte) => byte !== 0);
          const file = await open(path, 'r+');
          await file.write(Buffer.from([(content[at] ?? 0) ^ 1]), 0, 1, at);
          await file.close();
          // Restoring the file's old time does not hide the change.
          await utimes(path, before.atime, before.mtime);
          const again = get();
          await again.done(60);
          expect(again.child.output).toMatch(/first\.bin".* changed/);
          expect(await treeOf(out)).toEqual(await treeOf(folder));
        },
        PAYLOADS.multi,
        MIB / 2,
      ));
  });

  it('check names the piece and the files that are wrong', () =>
    staged(async ({ lab, torrent, out, get }) => {
      await get().done(40);
      const check = async (): Promise<Ensemble> => {
        const checking = new Ensemble(lab, ['check', torrent, out]);
        await checking.exit(20);
        return checking;
      };
      expect((await check()).last('done')).toMatchObject({ bad: [] });
      const file = await open(`${out}/multi/first.bin`, 'r+');
      await file.write(Buffer.from([1, 2, 3]), 0, 3, 5 * PIECE + 100);
      await file.close();
      await rm(`${out}/multi/sub/one`);
      const checked = await check();
      expect(await checked.exit(1)).toMatchObject({ code: 7 });
      const { bad, files } = checked.last('done') as unknown as {
        bad: number[];
        files: { path: string; length: number; found?: number; badPieces: number }[];
      };
      const offsetOf = (path: string): number => {
        const before = files.slice(
          0,
          files.findIndex((one) => one.path === path),
        );
        return before.reduce((sum, { length }) => sum + length, 0);
      };
      const expected = [offsetOf('multi/first.bin') + 5 * PIECE + 100, offsetOf('multi/sub/one')];
      expect(new Set(bad)).toEqual(new Set(expected.map((byte) => Math.floor(byte / PIECE))));
      const wrong = files.filter(({ badPieces }) => badPieces > 0).map(({ path }) => path);
      expect(wrong).toEqual(expect.arrayContaining(['multi/first.bin', 'multi/sub/one']));
      expect(files.filter(({ found }) => found === undefined).map(({ path }) => path)).toEqual(['multi/sub/one']);
    }));
});

interop('--sequential', ['libtorrent', 'opentracker', 'tcpdump'], true, () => {
  it('requests the pieces in their order', () =>
    staged(
      async ({ lab, folder, out, get }) => {
        const capture = await Capture.start(lab);
        // In plain text, so that the capture can be read.
        await get('--sequential', '--encryption', 'off').done(40);
        await lab.run(['true'], 5);
        const talks = conversationsOf(await capture.stop(), ourAddresses(1)[0] ?? '');
        // Their order is up to the seed, which reads and verifies on several threads.
        const requested = talks
          .filter(({ peer }) => peer === seedAddress())
          .flatMap((talk) => afterUnchoke(talk.messages))
          .filter(({ ours, name }) => ours && name === 'request')
          .map(({ payload }) => payload.readUInt32BE(0));
        const order = [...new Set(requested)];
        expect(order.length).toBeGreaterThan(MULTI / PIECE / 2);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        expect(await treeOf(out)).toEqual(await treeOf(folder));
      },
      PAYLOADS.multi,
      2 * MIB,
    ));
});
