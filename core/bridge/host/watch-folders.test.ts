import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Notice } from '../contract.ts';
import { BridgeBench, LINES } from '../testing/bench.ts';
import type { RpcClient } from '../window/client.ts';
import type { DroppedFile, DropService } from './services.ts';

const BOX = '/home/user/box';
const WATCH = { folder: BOX, category: '', paused: true, rename: true };
const magnet = (digit: string): string => `magnet:?xt=urn:btih:${digit.repeat(40)}&dn=small`;

/** A folder in memory. */
class Box implements DropService {
  readonly files = new Map<string, { text: string; modified: number }>();
  kept: readonly string[] = [];
  gone = false;
  reads = 0;

  put(name: string, text: string, modified = 1): void {
    this.files.set(name, { text, modified });
  }

  list(): Promise<readonly DroppedFile[]> {
    if (this.gone) return Promise.reject(new Error('gone'));
    const all = [...this.files].map(([name, { text, modified }]) => ({ name, size: text.length, modified }));
    return Promise.resolve(all.filter(({ name }) => /\.(?:torrent|magnet)$/.test(name)));
  }

  read(_folder: string, name: string): Promise<Uint8Array> {
    this.reads++;
    return Promise.resolve(new TextEncoder().encode(this.files.get(name)?.text));
  }

  setAside(_folder: string, name: string): Promise<void> {
    const file = this.files.get(name);
    this.files.delete(name);
    if (file) this.files.set(`${name}.added`, file);
    return Promise.resolve();
  }

  remembered(): Promise<readonly string[]> {
    return Promise.resolve(this.kept);
  }

  remember(files: readonly string[]): Promise<void> {
    this.kept = files;
    return Promise.resolve();
  }
}

let box: Box;
let bench: BridgeBench;
let client: RpcClient;
let notices: Notice[];

async function begin(): Promise<void> {
  bench = new BridgeBench(LINES['in memory']!(), { drops: box });
  notices = [];
  bench.host.onNotice((notice) => void (notice.kind === 'error' && notices.push(notice)));
  ({ client } = await bench.window());
}
beforeEach(async () => {
  box = new Box();
  await begin();
});
afterEach(() => bench.close());

const watch = (changes: object = {}): Promise<null> =>
  client.call('changeSettings', {
    changes: { watchFolders: [{ ...WATCH, ...changes }], categories: [{ name: 'films', folder: '/home/user/films' }] },
  });
const added = () => bench.host.state.downloads.filter(({ name }) => name === 'small');

test('a file is added once it is whole, as its folder says, and gets another name', async () => {
  await watch({ category: 'films' });
  box.put('a.magnet', magnet('e').slice(0, 30));
  await bench.pass(3000);
  box.put('a.magnet', magnet('e'), 2);
  await bench.pass(3000);
  expect(box.reads).toBe(0);
  await bench.pass(6000);
  expect(added()).toMatchObject([{ options: { paused: true, category: 'films', output: '/home/user/films' } }]);
  expect([...box.files.keys()]).toEqual(['a.magnet.added']);
  expect(notices).toEqual([]);
});

test('one that keeps its name is remembered, also by the next run, until it is another', async () => {
  await watch({ rename: false, output: '/home/user/here' });
  box.put('a.magnet', magnet('e'));
  await bench.pass(12_000);
  expect(added()).toMatchObject([{ options: { output: '/home/user/here' } }]);
  await bench.close();
  await begin();
  await watch({ rename: false });
  await bench.pass(12_000);
  expect(added()).toEqual([]);
  box.put('a.magnet', magnet('f'), 7);
  await bench.pass(12_000);
  expect(added()).toHaveLength(1);
  box.files.clear();
  await bench.pass(6000);
  expect(box.kept).toEqual([]);
});

test('what is no torrent is told once, and hinders no other', async () => {
  await watch();
  box.put('a.magnet', 'nothing of use');
  box.put('b.magnet', magnet('e'));
  box.put('empty.torrent', '');
  await bench.pass(20_000);
  expect(notices).toHaveLength(1);
  expect(added()).toHaveLength(1);
});

test('a folder that is away is told once, and nothing of it is forgotten', async () => {
  await watch({ rename: false });
  box.put('a.magnet', magnet('e'));
  await bench.pass(12_000);
  box.gone = true;
  await bench.pass(12_000);
  expect(notices).toHaveLength(1);
  expect(box.kept).toHaveLength(1);
});

test('one that is in the list already is no trouble', async () => {
  await watch();
  box.put('a.magnet', magnet('e'));
  box.put('b.magnet', magnet('e'));
  await bench.pass(12_000);
  expect(added()).toHaveLength(1);
  expect(notices).toEqual([]);
});
