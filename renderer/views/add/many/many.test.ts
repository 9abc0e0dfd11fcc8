import { expect, test } from 'vitest';
import { EnsembleError } from '../../../../core/base/errors.ts';
import { type InfoHashV1, torrentKey } from '../../../../core/base/ids.ts';
import type { BridgeClient, Preview } from '../../../../core/bridge/contract.ts';
import { packFiles } from '../../../../core/base/packed-files.ts';
import type { AddOptions } from '../../../../core/engine/download-options.ts';
import type { Source } from '../../../../core/engine/engine.ts';
import type { Offer } from '../../../stores/batches.ts';
import { Many } from './many.ts';
import { tally } from './rows.ts';

/** A program that answers when it is told to; links tell what it finds. */
class Program {
  readonly calls: { readonly name: string; readonly link: string; answer(): void }[] = [];
  readonly added: string[] = [];
  most = 0;

  readonly client = {
    call: (name: string, args: { source: Source }) => {
      const link = args.source.kind === 'magnet' ? args.source.link : '';
      return new Promise((resolve, reject) => {
        const answer = (): void => {
          this.calls.splice(this.calls.indexOf(call), 1);
          if (link.includes(name === 'preview' ? 'broken' : 'unlucky'))
            reject(new EnsembleError('disk', `No ${link}.`));
          else if (name === 'add') resolve(this.added.push(link));
          else resolve(previewOf(link));
        };
        const call = { name, link, answer };
        this.calls.push(call);
        this.most = Math.max(this.most, this.calls.length);
      });
    },
  } as unknown as Pick<BridgeClient, 'call'>;

  /** Answers until nothing is asked any more, the last question first. */
  async answers(until = Number.POSITIVE_INFINITY): Promise<void> {
    for (let n = 0; n < until; n++) {
      await settled();
      const call = this.calls.at(-1);
      if (call === undefined) return;
      call.answer();
    }
    await settled();
  }
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 8; i++) await Promise.resolve();
};

function previewOf(link: string): Preview {
  const key = /same/.test(link) ? 'same' : link;
  return {
    key: torrentKey(key.padEnd(40, 'x') as InfoHashV1),
    infoHash: key as InfoHashV1,
    version: 1,
    name: `T ${link}`,
    length: 10,
    pieceLength: 16,
    pieceCount: 1,
    files: packFiles([{ index: 0, path: ['a'], length: 10 }]),
    fileCount: 1,
    fileSlots: 1,
    private: link.includes('private'),
    trackers: 0,
    comment: null,
    notes: [],
    renamed: { count: 0, first: [] },
    present: link.includes('present'),
    more: false,
  };
}

const offers = (links: readonly string[], first = 1): Offer[] =>
  links.map((link, at) => ({
    id: first + at,
    fileName: link,
    read: () =>
      link.includes('gone') ? Promise.reject(new Error(`${link} is gone.`)) : Promise.resolve({ kind: 'magnet', link }),
  }));

const options = {} as AddOptions;
const fates = ({ store }: Many): string[] => store.getState().rows.map(({ fate }) => fate.kind);

test('each is read, and told what it is', async () => {
  const program = new Program();
  const many = new Many(program.client);
  many.take(offers(['a', 'broken', 'present', 'same 1', 'same 2', 'private', 'gone']), 'link');
  expect(many.store.getState().rows.map(({ name }) => name)).toContain('broken');
  await program.answers();
  const { rows } = many.store.getState();
  // Of two that are the same the one that was read first is kept.
  expect(fates(many).filter((kind) => kind === 'twice')).toHaveLength(1);
  expect(rows.map(({ name, fate }) => ('why' in fate ? fate.why : name))).toEqual([
    'T a',
    'No broken.',
    'T present',
    'T same 1',
    'T same 2',
    'T private',
    'gone is gone.',
  ]);
  expect(tally(rows)).toEqual({
    reading: 0,
    open: 3,
    wanted: 3,
    bytes: 30,
    private: 1,
    added: 0,
    refused: 2,
    failed: 0,
    known: 2,
  });
});

test('few are read at a time, and what joins later is read too, once', async () => {
  const program = new Program();
  const many = new Many(program.client);
  const first = offers(Array.from({ length: 300 }, (_, n) => `t${n}`));
  many.take(first, 'link');
  await program.answers(50);
  for (let n = 0; n < 50; n++) many.take([...first, ...offers([`later ${n}`], 1000 + n)], 'link');
  await program.answers();
  expect(program.most).toBe(4);
  expect(tally(many.store.getState().rows)).toMatchObject({ reading: 0, wanted: 350 });
});

test('those that are chosen are added, few at a time; one that fails stops nobody, and can be tried again', async () => {
  const program = new Program();
  const many = new Many(program.client);
  many.take(offers(['a', 'b', 'unlucky', ...Array.from({ length: 40 }, (_, n) => `t${n}`), 'present']), 'link');
  await program.answers();
  many.choose(new Set([2]), false);
  program.most = 0;
  const done = many.add(() => options);
  await program.answers(10);
  expect(many.store.getState().run).toEqual({ done: 10, of: 42 });
  await program.answers();
  await done;
  expect(program.most).toBe(8);
  expect(program.added).not.toContain('b');
  expect(fates(many).slice(0, 3)).toEqual(['added', 'ready', 'failed']);
  expect(tally(many.store.getState().rows)).toMatchObject({ added: 41, wanted: 1, failed: 1, known: 1 });

  const again = many.add(() => options);
  await program.answers();
  await again;
  expect(program.added).toHaveLength(41);
});

test('stopping lets what has begun come to its end, and leaves the rest as it was', async () => {
  const program = new Program();
  const many = new Many(program.client);
  many.take(offers(Array.from({ length: 30 }, (_, n) => `t${n}`)), 'link');
  await program.answers();
  const done = many.add(() => options);
  await settled();
  many.stop();
  await program.answers();
  await done;
  expect(program.added).toHaveLength(8);
  expect(tally(many.store.getState().rows)).toMatchObject({ added: 8, wanted: 22 });
  expect(many.store.getState().run).toBeUndefined();
});

test('nothing more is asked for once the dialog is closed', async () => {
  const program = new Program();
  const many = new Many(program.client);
  many.take(offers(Array.from({ length: 30 }, (_, n) => `t${n}`)), 'link');
  await settled();
  many.close();
  await program.answers();
  expect(tally(many.store.getState().rows).reading).toBe(26);
});
